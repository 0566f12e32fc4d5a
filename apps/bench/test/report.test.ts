import { describe, expect, test } from 'vitest';
import type { Case, Goal } from '../src/cases/case.js';
import type { Sample } from '../src/loader/meter.js';
import { chartSvg, groupsOf } from '../src/report/chart.js';
import { reportOf } from '../src/report/files.js';
import { spreadOf } from '../src/report/spread.js';
import { cellOf, judge } from '../src/report/summary.js';
import { caseText, columns, shown } from '../src/report/table.js';
import { naive, ours, socketIo } from '../src/run/contenders.js';
import type { CaseResult } from '../src/run/rounds.js';

const goal: Goal = { title: 'goal', of: ours.name, metric: 'cpu32', to: { of: naive.name }, must: 0.5, moonshot: 0.2 };
const figure = { metric: 'cpu32', title: 'CPU', unit: 'µs', compared: true } as const;
const it: Case = {
  name: 'room-1000',
  title: 'A room',
  contenders: [naive, socketIo, ours],
  figures: [figure],
  goals: [goal],
  sockets: 1,
  about: 1,
  measure: async () => ({}),
};

/** Rounds in which the naive server takes 10 µs, and ours what is given. */
function resultOf(values: readonly (number | Sample)[], absent: Record<string, string> = {}): CaseResult {
  const rounds = values.map((each) => ({
    [naive.name]: { cpu32: { value: 10 } },
    [ours.name]: { cpu32: typeof each === 'number' ? { value: each } : each },
  }));
  return { of: it, rounds, absent };
}

describe('a goal', () => {
  test.each([
    [[2, 2, 2.2], 'moonshot', 0.2],
    [[4, 4, 5], 'must', 0.4],
    [[6, 5.5, 6], 'missed', 0.6],
    [[2, 2.5, 3, 2.4], 'must', 0.245],
  ])('reached as %j of 10 is %s', (values, verdict, median) => {
    const judged = judge(resultOf(values), goal);
    expect(judged.reached?.median).toBeCloseTo(median);
    expect(judged.verdict).toBe(verdict);
  });

  test('is a ratio within the round, not of the medians', () => {
    const rounds = [
      { ws: { cpu32: { value: 10 } }, roomcast: { cpu32: { value: 4 } } },
      { ws: { cpu32: { value: 20 } }, roomcast: { cpu32: { value: 8 } } },
      { ws: { cpu32: { value: 5 } }, roomcast: { cpu32: { value: 2 } } },
    ];
    expect(judge({ of: it, rounds, absent: {} }, goal)).toMatchObject({ verdict: 'must', reached: { share: 0 } });
  });

  test('without another contender is the figure itself, and with another sample a ratio to that', () => {
    const rounds = Array(3).fill({ roomcast: { cpu32: { value: 3 }, cpu1: { value: 6 } } });
    const of = { title: 'goal', of: ours.name, metric: 'cpu32', must: 3, moonshot: 2 };
    expect(judge({ of: it, rounds, absent: {} }, of).reached?.median).toBe(3);
    expect(judge({ of: it, rounds, absent: {} }, { ...of, to: { metric: 'cpu1' } }).reached?.median).toBe(0.5);
  });

  test('has no verdict of fewer than three rounds', () => {
    expect(judge(resultOf([1, 1]), goal)).toMatchObject({ verdict: 'none', reason: '2 rounds, and a verdict needs 3' });
  });

  test('has no verdict where rounds are far apart', () => {
    expect(judge(resultOf([1, 2, 3]), goal)).toMatchObject({
      verdict: 'none',
      reason: 'rounds differ by 100 %: the machine is too noisy',
    });
  });

  test('has no verdict where too many rounds are in doubt', () => {
    const doubtful = { value: 1, doubt: 'the loader was saturated' };
    expect(judge(resultOf([1, 1, doubtful]), goal)).toMatchObject({ verdict: 'none', reason: doubtful.doubt });
  });

  test('is judged by the rounds beyond doubt where they are enough', () => {
    const doubtful = { value: 9, doubt: 'other processes' };
    expect(judge(resultOf([1, doubtful, 1, 1]), goal)).toMatchObject({ verdict: 'moonshot', reached: { most: 0.1 } });
  });

  test('counts the doubt of what it is compared with', () => {
    const rounds = Array(3).fill({ ws: { cpu32: { value: 10, doubt: 'noise' } }, roomcast: { cpu32: { value: 1 } } });
    expect(judge({ of: it, rounds, absent: {} }, goal)).toMatchObject({ verdict: 'none', reason: 'noise' });
  });

  test('says why a contender is absent', () => {
    const result = { of: it, rounds: [{}, {}, {}], absent: { [ours.name]: 'it is not installed' } };
    expect(judge(result, goal)).toMatchObject({ verdict: 'none', reason: 'it is not installed', reached: undefined });
  });
});

test('the median is that of the middle, or between the two in the middle', () => {
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf([5])).toEqual({ median: 5, least: 5, most: 5, share: 0 });
  expect(spreadOf([9, 1, 4])).toEqual({ median: 4, least: 1, most: 9, share: 2 });
  expect(spreadOf([9, 1, 4, 6])).toMatchObject({ median: 5 });
});

test('a contender has no ratio to itself', () => {
  expect(cellOf(resultOf([1]), naive.name, figure)?.toNaive).toBeUndefined();
  expect(cellOf(resultOf([1]), ours.name, figure)?.toNaive?.median).toBe(0.1);
  expect(cellOf(resultOf([1]), socketIo.name, figure)).toBeUndefined();
});

test('numbers have three figures that count', () => {
  expect([0.0456, 1.2345, 45.678, 456.78, 45_678.9, Number.NaN].map(shown)).toEqual([
    '0.046',
    '1.23',
    '45.7',
    '457',
    '45,679',
    '–',
  ]);
});

test('columns are aligned: names and words to the left, numbers to the right', () => {
  const rows = [
    ['what', 'value', 'doubt'],
    ['a', '1', 'some'],
    ['bbbbbb', '12345', ''],
  ];
  expect(columns(rows)).toBe('what    value  doubt\n------  -----  -----\na           1  some\nbbbbbb  12345');
});

test('a table tells ratios, doubts, and who is absent', () => {
  const text = caseText(resultOf([{ value: 1, doubt: 'noise' }], { bun: 'bun is not installed' }));
  expect(text).toMatch(/^roomcast +1\.00 +0\.100 +– +0 % +noise$/m);
  expect(text).toContain('bun: bun is not installed');
});

test('the report has the rounds and no name of the machine', () => {
  const machine = { serverCore: 0, loaderCore: 1, maxFiles: 1000, tools: new Set<string>(), remarks: ['a remark'] };
  const report = reportOf([resultOf([1, 1, 1])], { machine, seconds: 2, cores: 2 });
  expect(report.text).toContain('moonshot');
  expect(report.text).toContain('a remark');
  expect(report.json).toMatchObject({ pinned: true, goals: [{ verdict: 'moonshot' }], cases: [{ name: 'room-1000' }] });
  expect(Object.keys(report.json)).toEqual([
    'node',
    'platform',
    'cores',
    'pinned',
    'seconds',
    'remarks',
    'goals',
    'cases',
  ]);
});

test('the chart has a bar for each ratio, as long as it is large', () => {
  const groups = groupsOf([resultOf([5])]);
  expect(groups).toEqual([{ title: expect.any(String), ratios: { ws: 1, roomcast: 0.5 } }]);
  const svg = chartSvg([{ title: 'a < b', ratios: { ws: 1, 'socket.io': 2, roomcast: 0.5 } }]);
  const widths = [...svg.matchAll(/<rect class="b\d" x="300" y="(?:64|78|92)" width="([\d.]+)"/g)].map(([, w]) =>
    Number(w),
  );
  expect(widths).toEqual([200, 400, 100]);
  expect(svg).toContain('a &lt; b');
});
