import type { LineView } from '../connection/line.js';
import { useSeconds } from '../live/seconds.js';
import { usePulse } from '../live/use-pulse.js';
import { catalogue } from '../services/catalogue.js';
import { serviceNames } from '../services/names.js';
import type { Station } from '../services/station.js';
import type { Stations } from '../services/stations.js';
import { Icon } from '../ui/icon.js';
import { rate } from '../ui/numbers.js';
import { Sparkline } from '../ui/sparkline.js';
import { phaseNames } from './phase-names.js';
import { hrefOf, type Place } from './places.js';
import { useTheme } from './theme.js';

interface RailProps {
  readonly stations: Stations;
  readonly place: Place;
  readonly onHelp: () => void;
}

/** The way to every view, with how each service is right now. */
export function Rail({ stations, place, onHelp }: RailProps) {
  const theme = useTheme();
  const link = (to: Place) => ({
    href: hrefOf(to),
    'data-place': to,
    'aria-current': to === place ? ('page' as const) : undefined,
  });
  return (
    <nav className="rail" aria-label="Views">
      <div className="brand">
        <span className="brand-mark" aria-hidden="true" />
        <span className="brand-name">Roomcast</span>
      </div>
      <ul className="rail-list">
        <li>
          <a className="rail-link" {...link('operations')}>
            <Icon name="operations" />
            <span className="rail-name">Operations</span>
            <span className="rail-short" aria-hidden="true">
              Ops
            </span>
          </a>
        </li>
        {serviceNames.map((name) => {
          const station = stations.get(name);
          return (
            <li key={name}>
              <a className="rail-link" {...link(name)}>
                <Icon name={name} />
                <span className="rail-name">{catalogue[name].title}</span>
                <span className="rail-short" aria-hidden="true">
                  {catalogue[name].short}
                </span>
                {station && <Activity station={station} />}
              </a>
            </li>
          );
        })}
      </ul>
      <div className="rail-foot">
        <button
          type="button"
          className="rail-button"
          onClick={theme.next}
          aria-label={`Theme: ${theme.choice}. Change`}
        >
          <Icon name="theme" />
          <span className="rail-label">{theme.choice} theme</span>
        </button>
        <button type="button" className="rail-button" onClick={onHelp} aria-label="Keyboard shortcuts">
          <Icon name="help" />
          <span className="rail-label">Keys</span>
        </button>
      </div>
    </nav>
  );
}

function Activity({ station: { line } }: { station: Station }) {
  usePulse(line.pulse);
  const now = useSeconds();
  const { phase }: LineView = line.view;
  const history = line.log.received.history(now);
  return (
    <>
      <span className="rail-phase" data-phase={phase}>
        <span className="visually-hidden">{phaseNames[phase]}</span>
      </span>
      <span className="rail-activity" aria-hidden="true">
        <Sparkline values={history} width={56} height={16} />
        <span className="rail-rate">{rate(line.log.received.perSecond(now))}/s</span>
      </span>
    </>
  );
}
