import { useEffect, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { usePulse } from '../../live/use-pulse.js';
import { EventList } from '../../ui/event-list.js';
import { Panel } from '../../ui/panel.js';
import { ChatPanel } from './chat-panel.js';
import type { FalconModel } from './model.js';
import { PresencePanel } from './presence-panel.js';
import { RoomsPanel } from './rooms-panel.js';

export function FalconView({ line, model }: { line: Line; model: FalconModel }) {
  const { hall, feed } = model;
  usePulse(hall.pulse);
  usePulse(line.pulse);
  const [chosen, setChosen] = useState('');
  const [firstWanted = ''] = model.wanted.keys();
  const shown = chosen || firstWanted;
  useEffect(() => hall.show(shown), [hall, shown]);
  return (
    <div className="view falcon">
      <RoomsPanel line={line} model={model} shown={shown} onShow={setChosen} />
      <ChatPanel line={line} model={model} room={shown} />
      <div className="falcon-side">
        <PresencePanel line={line} model={model} />
        <Panel className="falcon-feed" title="Notifications and events">
          <EventList feed={feed} label="Notifications and events, newest first" empty="Nothing has happened yet." />
        </Panel>
      </div>
    </div>
  );
}
