import { naive, ours, socketIo } from '../run/contenders.js';
import type { CaseResult } from '../run/rounds.js';
import { cellOf } from './summary.js';

/** A group of bars: what is compared, and each contender's ratio to the naive server. */
export interface Group {
  readonly title: string;
  readonly ratios: Readonly<Record<string, number>>;
}

/** What the chart shows, of what was measured. */
const shown: readonly { readonly name: string; readonly metric: string; readonly title: string }[] = [
  { name: 'room-1000', metric: 'cpu32', title: 'One room of 1000, 32 events in flight' },
  { name: 'room-1000', metric: 'cpu1', title: 'One room of 1000, 1 event in flight' },
  { name: 'room-1000', metric: 'cpuCalm', title: 'One room of 1000, 50,000 deliveries/s' },
  { name: 'many-rooms', metric: 'cpu64', title: '5000 sockets in 1000 rooms, 64 in flight' },
  { name: 'many-rooms', metric: 'cpu1024', title: '5000 sockets in 1000 rooms, 1024 in flight' },
  { name: 'requests', metric: 'depth1', title: 'Request and reply, one at a time' },
  { name: 'requests', metric: 'depth16', title: 'Request and reply, 16 at a time' },
  { name: 'connect', metric: 'cpu', title: 'Connect and join with a JWT' },
  { name: 'idle-memory', metric: 'bytes', title: 'Memory of an idle connection' },
];

const bars = [naive.name, socketIo.name, ours.name];

export function groupsOf(results: readonly CaseResult[]): Group[] {
  return shown.flatMap(({ name, metric, title }): Group[] => {
    const result = results.find(({ of }) => of.name === name);
    const figure = result?.of.figures.find((each) => each.metric === metric);
    if (result === undefined || figure === undefined) return [];
    const ratios: Record<string, number> = {};
    for (const bar of bars) {
      const ratio = bar === naive.name ? 1 : cellOf(result, bar, figure)?.toNaive?.median;
      if (ratio !== undefined) ratios[bar] = ratio;
    }
    return Object.keys(ratios).length > 1 ? [{ title, ratios }] : [];
  });
}

const width = 760;
const left = 300;
const right = 60;
const barHeight = 14;
const groupGap = 18;
const top = 64;

/** Bars of the server's cost as a ratio to naive `ws`: shorter is better. Legible on light and dark pages. */
export function chartSvg(groups: readonly Group[]): string {
  const most = Math.max(1, ...groups.flatMap(({ ratios }) => Object.values(ratios)));
  const scale = (width - left - right) / most;
  const parts: string[] = [];
  let y = top;
  for (const { title, ratios } of groups) {
    const entries = bars.filter((bar) => ratios[bar] !== undefined);
    const middle = y + (entries.length * barHeight) / 2 + 4;
    parts.push(`<text x="${left - 12}" y="${middle}" text-anchor="end">${escaped(title)}</text>`);
    for (const bar of entries) {
      const ratio = ratios[bar] ?? 0;
      const length = Math.max(1, ratio * scale).toFixed(1);
      parts.push(
        `<rect class="b${bars.indexOf(bar)}" x="${left}" y="${y}" width="${length}" height="${barHeight - 2}"/>`,
      );
      parts.push(
        `<text class="n" x="${left + Number(length) + 5}" y="${y + barHeight - 4}">${ratio.toFixed(2)}</text>`,
      );
      y += barHeight;
    }
    y += groupGap;
  }
  const legend = bars.map((bar, n) => {
    const x = left + n * 130;
    const label = bar === naive.name ? 'naive ws = 1' : bar;
    return `<rect class="b${n}" x="${x}" y="36" width="12" height="12"/><text x="${x + 18}" y="46">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="Server cost as a ratio to naive ws">
<style>text{font:12px system-ui,sans-serif;fill:#57606a}.t{font-size:15px;font-weight:600}.n{font-size:11px}.b0{fill:#9aa4af}.b1{fill:#d29922}.b2{fill:#2f81f7}@media(prefers-color-scheme:dark){text{fill:#9aa4af}}</style>
<text class="t" x="${left}" y="20">Server cost, as a ratio to naive ws (shorter is better)</text>
${[...legend, ...parts].join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
