import { Panel } from '../../ui/panel.js';

interface BarsProps {
  readonly title: string;
  readonly about: string;
  readonly aside: string;
  /** The highest first; undefined while there is nothing. */
  readonly rows: readonly (readonly [id: string, name: string, value: number])[] | undefined;
}

/** People by a figure. */
export function Bars({ title, about, aside, rows }: BarsProps) {
  const most = Math.max(1, ...(rows ?? []).map(([, , value]) => value));
  return (
    <Panel className="analytics-panel" title={title} aside={<span className="figure">{aside}</span>}>
      <p className="hint">{about}</p>
      <ul className="bars">
        {rows?.map(([id, name, value]) => (
          <li key={id} className="bar">
            <span className="bar-name" title={name}>
              {name}
            </span>
            <span className="bar-track">
              <span className="bar-fill" style={{ width: `${(value / most) * 100}%` }} />
            </span>
            <span className="bar-value">{Number.isInteger(value) ? value : value.toFixed(1)}</span>
          </li>
        ))}
        {rows?.length === 0 && <li className="hint">Nobody at the moment.</li>}
        {rows === undefined && <li className="hint">No analytics have come yet: they do when something happens.</li>}
      </ul>
    </Panel>
  );
}
