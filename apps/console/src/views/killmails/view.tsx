import type { Line } from '../../connection/line.js';
import { usePulse } from '../../live/use-pulse.js';
import { count } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { KillList } from './kill-list.js';
import { KillsChart } from './kills-chart.js';
import type { KillmailsModel } from './model.js';
import { Systems } from './systems-panel.js';

export function KillmailsView({ line, model }: { line: Line; model: KillmailsModel }) {
  const { kills } = model;
  usePulse(kills.pulse);
  usePulse(line.pulse);
  const systems = model.client?.systems ?? model.systems;
  model.systems = systems;
  return (
    <div className="view killmails">
      <Systems line={line} model={model} systems={systems} />
      <KillsChart kills={kills} systems={systems} />
      <Panel
        className="kills"
        title="Kills"
        aside={<span className="figure">{count(kills.list.total)} since you came</span>}
      >
        <KillList kills={kills} />
      </Panel>
    </div>
  );
}
