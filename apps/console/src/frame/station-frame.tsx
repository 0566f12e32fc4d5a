import { useState } from 'react';
import { FramesPanel } from '../frames/frames-panel.js';
import { catalogue } from '../services/catalogue.js';
import type { Station } from '../services/station.js';
import type { Stations } from '../services/stations.js';
import { AccessDialog } from './access-dialog.js';
import { ConnectionBar } from './connection-bar.js';
import { PublishDialog } from './publish-dialog.js';
import { useShortcuts } from './shortcuts.js';
import { ViewHeader } from './view-header.js';

type Opened = 'access' | 'publish';

/** What every service's view stands in: the connection above it, the raw frames below. */
export function StationFrame({ stations, station }: { stations: Stations; station: Station }) {
  const { line, desk, name } = station;
  const [opened, setOpened] = useState<Opened>();
  const [showsFrames, setShowsFrames] = useState(false);
  const toggleCut = () => (line.tap.isCut || line.view.phase === 'failed' ? line.restore() : line.cut());
  const toggleFrames = () => setShowsFrames((shows) => !shows);
  useShortcuts({
    c: toggleCut,
    f: toggleFrames,
    p: () => setOpened('publish'),
    s: () => setOpened('access'),
  });
  const { View } = desk;
  const info = catalogue[name];
  return (
    <>
      <ViewHeader title={info.title} about={info.about}>
        <ConnectionBar
          station={station}
          showsFrames={showsFrames}
          onCut={toggleCut}
          onFrames={toggleFrames}
          onPublish={() => setOpened('publish')}
          onAccess={() => setOpened('access')}
        />
      </ViewHeader>
      <div className="content">
        <View line={line} />
      </div>
      {showsFrames && <FramesPanel log={line.log} name={info.title} onClose={toggleFrames} />}
      {opened === 'access' && (
        <AccessDialog stations={stations} station={station} onClose={() => setOpened(undefined)} />
      )}
      {opened === 'publish' && (
        <PublishDialog stations={stations} station={station} onClose={() => setOpened(undefined)} />
      )}
    </>
  );
}
