import type { CaseResult } from '../run/rounds.js';
import type { Spread } from './spread.js';
import { type Cell, cellOf, type Judged } from './summary.js';

/** Three figures that count, with thousands set apart. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return size >= 100
    ? value.toFixed(0)
    : size >= 10
      ? value.toFixed(1)
      : size >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}

/** Columns that hold words. */
const leftAligned = new Set(['doubt', 'verdict']);

/** Rows as aligned columns; the first is the head. The first column is of names, most others of numbers. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [n, cell] of row.entries()) widths[n] = Math.max(widths[n] ?? 0, cell.length);
  }
  const [head = [], ...body] = rows;
  const isLeft = (n: number) => n === 0 || leftAligned.has(head[n] ?? '');
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) => (isLeft(n) ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

/** A table for each figure of a case. */
export function caseText(result: CaseResult): string {
  const { of, absent } = result;
  const tables = of.figures.map((figure) => {
    const cells = of.contenders.map(({ name }) => ({ name, cell: cellOf(result, name, figure) }));
    const measured = cells.filter((each): each is { name: string; cell: Cell } => each.cell !== undefined);
    if (measured.length === 0) return `${figure.title}: not measured`;
    const compared = figure.compared === true;
    const head = [
      `${figure.title} (${figure.unit})`,
      'median',
      ...(compared ? ['× ws', '× socket.io'] : []),
      'spread',
      'doubt',
    ];
    const rows = measured.map(({ name, cell }) => [
      name,
      shown(cell.value.median),
      ...(compared ? [ratio(cell.toNaive), ratio(cell.toSocketIo)] : []),
      `${Math.round((cell.toNaive ?? cell.value).share * 100)} %`,
      cell.doubt ?? '',
    ]);
    return columns([head, ...rows]);
  });
  const missing = Object.entries(absent).map(([name, reason]) => `${name}: ${reason}`);
  return [`## ${of.title} (${of.name})`, ...tables, ...missing].join('\n\n');
}

function ratio(spread: Spread | undefined): string {
  return spread === undefined ? '–' : spread.median.toFixed(3);
}

const words = { moonshot: 'moonshot', must: 'must', missed: 'MISSED', none: 'no verdict' } as const;

/** All goals with what was reached. */
export function goalsText(judged: readonly Judged[]): string {
  const rows = judged.map(({ goal, reached, verdict, reason }) => [
    goal.title,
    reached === undefined ? '–' : shown(reached.median),
    reached === undefined ? '' : `${shown(reached.least)}..${shown(reached.most)}`,
    shown(goal.must),
    shown(goal.moonshot),
    reason === undefined ? words[verdict] : `${words[verdict]}: ${reason}`,
  ]);
  return `## Goals\n\n${columns([['goal', 'reached', 'rounds', 'must', 'moonshot', 'verdict'], ...rows])}`;
}
