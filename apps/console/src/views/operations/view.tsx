import { useState } from 'react';
import { catalogue } from '../../services/catalogue.js';
import { type ServiceName, serviceNames } from '../../services/names.js';
import type { Stations } from '../../services/stations.js';
import { Chart, type ChartSeries } from '../../ui/chart.js';
import { bytes, count, rate } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { AdminPanels } from './admin-panels.js';
import { ServicesTable } from './services-table.js';
import type { Figures } from './vitals.js';
import { useOverview } from './watch.js';

const chartHeightPx = 220;

const series: readonly ChartSeries[] = serviceNames.map((name) => ({
  label: catalogue[name].title,
  colour: `--${name}`,
  kind: 'line',
}));

/** All services at a glance, then one of them more closely. */
export function OperationsView({ stations }: { stations: Stations }) {
  const { vitals, times, deliveries } = useOverview(stations);
  const [chosen, setChosen] = useState<ServiceName>('killmails');
  const all = Object.values(vitals).flatMap(({ figures }) => figures ?? []);
  const sum = (figure: (one: Figures) => number) => all.reduce((total, one) => total + figure(one), 0);
  const troubles = serviceNames.flatMap((name) =>
    (vitals[name]?.troubles ?? []).map((trouble) => `${catalogue[name].title}: ${trouble}`),
  );
  const perSecond = sum((one) => one.deliveriesPerSecond);
  const data = [times, ...serviceNames.map((name) => deliveries[name] ?? times.map(() => null))];
  return (
    <div className="content">
      <div className="view operations">
        <dl className="tiles">
          <Tile name="Connections" value={count(sum((one) => one.connections))} />
          <Tile name="Rooms" value={count(sum((one) => one.rooms))} />
          <Tile name="Events in" value={`${rate(sum((one) => one.eventsPerSecond))}/s`} />
          <Tile name="Deliveries" value={`${rate(perSecond)}/s`} />
          <Tile name="Queued" value={bytes(sum((one) => one.queuedBytes))} />
          <Tile name="Instances" value={count(sum((one) => one.instances))} />
        </dl>
        <Panel title="Services" className="services" aside={<span className="troubles">{troubles.join('; ')}</span>}>
          <ServicesTable vitals={vitals} chosen={chosen} onChoose={setChosen} />
        </Panel>
        <Panel className="deliveries" title="Deliveries per second" aside={<Legend />}>
          <Chart
            description={`Line chart: ${rate(perSecond)} deliveries a second now, over the last three minutes`}
            series={series}
            data={data}
            height={chartHeightPx}
            spanSeconds={180}
          />
        </Panel>
        <AdminPanels stations={stations} name={chosen} />
      </div>
    </div>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Legend() {
  return (
    <ul className="legend">
      {serviceNames.map((name) => (
        <li key={name}>
          <span className="swatch" style={{ background: `var(--${name})` }} />
          {catalogue[name].title}
        </li>
      ))}
    </ul>
  );
}
