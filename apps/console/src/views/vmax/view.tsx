import type { Line } from '../../connection/line.js';
import { usePulse } from '../../live/use-pulse.js';
import { EventList } from '../../ui/event-list.js';
import { counted } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { BatteryPanel } from './battery-panel.js';
import type { VmaxModel } from './model.js';
import { StatusColumns } from './status-columns.js';
import { Subscriptions } from './subscriptions.js';

export function VmaxView({ line, model }: { line: Line; model: VmaxModel }) {
  const { board, feed } = model;
  usePulse(board.pulse);
  return (
    <div className="view vmax">
      <Panel
        className="vmax-board"
        title="Fleet board"
        aside={<span className="figure">{counted(board.size, 'regulator')}</span>}
      >
        <StatusColumns board={board} />
      </Panel>
      <div className="vmax-side">
        <Subscriptions line={line} model={model} />
        <BatteryPanel board={board} />
      </div>
      <Panel className="vmax-feed" title="Activity">
        <EventList feed={feed} label="Activity of the fleet, newest first" empty="Nothing has happened yet." />
      </Panel>
    </div>
  );
}
