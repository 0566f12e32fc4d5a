import { Panel } from '../../ui/panel.js';
import type { Board } from './board.js';

const steps = [0, 20, 40, 60, 80];

/** How charged the fleet is: how many regulators in each fifth. */
export function BatteryPanel({ board }: { board: Board }) {
  const counts = steps.map(() => 0);
  let known = 0;
  let sum = 0;
  for (const { soc } of board.regulators) {
    if (soc === undefined) continue;
    const step = Math.min(steps.length - 1, Math.max(0, Math.floor(soc / 20)));
    counts[step] = (counts[step] ?? 0) + 1;
    known++;
    sum += soc;
  }
  const most = Math.max(1, ...counts);
  const average = known === 0 ? 'no figures yet' : `${Math.round(sum / known)} % on average`;
  return (
    <Panel title="Charge" aside={<span className="figure">{average}</span>}>
      <ul className="bars">
        {steps.map((from, index) => (
          <li key={from} className="bar">
            <span className="bar-name">
              {from}–{from + 20} %
            </span>
            <span className="bar-track">
              <span className="bar-fill" style={{ width: `${((counts[index] ?? 0) / most) * 100}%` }} />
            </span>
            <span className="bar-value">{counts[index]}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
