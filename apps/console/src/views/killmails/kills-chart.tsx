import { useMemo } from 'react';
import { useSeconds } from '../../live/seconds.js';
import { Chart } from '../../ui/chart.js';
import { Panel } from '../../ui/panel.js';
import { bucketMs, buckets, type Kills } from './kills.js';
import { seriesColours } from './series-colours.js';
import { systemName } from './systems.js';

const heightPx = 190;

/** Kills over the last ten minutes, one colour per system, the systems beyond those that have one together. */
export function KillsChart({ kills, systems }: { kills: Kills; systems: readonly number[] }) {
  const last = Math.floor(useSeconds() / bucketMs);
  const total = kills.list.total;
  const { data, description } = useMemo(() => stacked(kills, systems, last), [kills, systems, last, total]);
  const shown = Math.min(systems.length, seriesColours.length);
  const series = Array.from({ length: shown }, (_, index) => ({
    label: systemName(systems[shown - 1 - index] ?? 0),
    colour: seriesColours[shown - 1 - index] ?? '',
    kind: 'bars' as const,
  }));
  return (
    <Panel className="kills-chart" title="Kills per 15 seconds" aside={<span className="figure">last 10 minutes</span>}>
      <Chart description={description} series={series} data={data} height={heightPx} />
    </Panel>
  );
}

/** Each series holds the sum of those below it; the tallest is drawn first, so that the others stand before it. */
function stacked(kills: Kills, systems: readonly number[], last: number) {
  const times = Array.from({ length: buckets }, (_, index) => ((last - buckets + 1 + index) * bucketMs) / 1000);
  let sums = times.map(() => 0);
  const layers: number[][] = [];
  for (const [index, system] of systems.entries()) {
    const history = kills.history(system, last);
    sums = sums.map((sum, at) => sum + (history[at] ?? 0));
    if (index < seriesColours.length) layers.push(sums);
    else layers[layers.length - 1] = sums;
  }
  const all = sums.reduce((sum, one) => sum + one, 0);
  const description = `Bar chart: ${all} kills in the last 10 minutes, in ${systems.length} systems`;
  return { data: [times, ...layers.toReversed()], description };
}
