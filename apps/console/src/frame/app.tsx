import { useEffect, useState } from 'react';
import { usePulse } from '../live/use-pulse.js';
import { catalogue } from '../services/catalogue.js';
import { Stations } from '../services/stations.js';
import { OperationsView } from '../views/operations/view.js';
import { HelpDialog } from './help-dialog.js';
import { usePlace } from './places.js';
import { Rail } from './rail.js';
import { placeShortcuts, useShortcuts } from './shortcuts.js';
import { StationFrame } from './station-frame.js';
import { ViewHeader } from './view-header.js';

const stations = new Stations();
void stations.start();

/** The whole page: the rail of services, and one of them. */
export function App() {
  usePulse(stations.pulse);
  const place = usePlace();
  const [showsHelp, setShowsHelp] = useState(false);
  useShortcuts({ ...placeShortcuts, '?': () => setShowsHelp(true) });
  const title = place === 'operations' ? 'Operations' : catalogue[place].title;
  useEffect(() => {
    document.title = `${title} · Roomcast console`;
  }, [title]);
  const station = place === 'operations' ? undefined : stations.get(place);
  return (
    <div className="app" data-place={place}>
      <button type="button" className="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <Rail stations={stations} place={place} onHelp={() => setShowsHelp(true)} />
      <main className="main" id="content" tabIndex={-1} aria-label={title}>
        {place === 'operations' && (
          <>
            <ViewHeader title={title} about="All services: connections, rooms, what they deliver, how they are" />
            <OperationsView stations={stations} />
          </>
        )}
        {station && <StationFrame key={station.name} stations={stations} station={station} />}
        {place !== 'operations' && !station && <ViewHeader title={title} about={catalogue[place].about} />}
      </main>
      {showsHelp && <HelpDialog onClose={() => setShowsHelp(false)} />}
    </div>
  );
}
