import { catalogue } from '../../services/catalogue.js';
import { type ServiceName, serviceNames } from '../../services/names.js';
import { bytes, count, rate } from '../../ui/numbers.js';
import { type Figures, type Health, noVitals, type Vitals } from './vitals.js';

interface ServicesTableProps {
  readonly vitals: Readonly<Partial<Record<ServiceName, Vitals>>>;
  readonly chosen: ServiceName;
  readonly onChoose: (name: ServiceName) => void;
}

const healthNames: Readonly<Record<Health, string>> = {
  unknown: 'Not asked yet',
  ready: 'Ready',
  'not-ready': 'Not ready',
  unreachable: 'No answer',
};

const columns: readonly (readonly [string, (one: Figures) => string])[] = [
  ['Instances', ({ instances }) => count(instances)],
  ['Connections', ({ connections }) => count(connections)],
  ['Rooms', ({ rooms }) => count(rooms)],
  ['Events/s', ({ eventsPerSecond }) => rate(eventsPerSecond)],
  ['Deliveries/s', ({ deliveriesPerSecond }) => rate(deliveriesPerSecond)],
  ['Queued', ({ queuedBytes }) => bytes(queuedBytes)],
  ['Blocked', ({ blocked }) => count(blocked)],
  ['Dropped', ({ dropped }) => count(dropped)],
  ['Missed', ({ missed }) => count(missed)],
];

/** One row per service. Choosing one shows its sessions and rooms. */
export function ServicesTable({ vitals, chosen, onChoose }: ServicesTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="table-scroller" tabIndex={0} aria-label="Figures of the services">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">State</th>
            {columns.map(([name]) => (
              <th key={name} scope="col" className="is-figure">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {serviceNames.map((name) => {
            const { health, figures } = vitals[name] ?? noVitals;
            return (
              <tr key={name} className={name === chosen ? 'is-chosen' : ''}>
                <th scope="row">
                  <button type="button" className="link" aria-pressed={name === chosen} onClick={() => onChoose(name)}>
                    <span className="swatch" style={{ background: `var(--${name})` }} />
                    {catalogue[name].title}
                  </button>
                </th>
                <td>
                  <span className="health" data-health={health}>
                    {healthNames[health]}
                  </span>
                </td>
                {columns.map(([title, figure]) => (
                  <td key={title} className="is-figure">
                    {figures ? figure(figures) : '–'}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
