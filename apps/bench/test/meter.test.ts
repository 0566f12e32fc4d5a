import { expect, test } from 'vitest';
import { readingOf, type Snapshot } from '../src/loader/meter.js';
import { cpuMicrosOf, rssBytesOf } from '../src/loader/usage.js';

const core = (busyMicros: number, stolenMicros = 0) => ({ busyMicros, stolenMicros });
const start: Snapshot = { atMicros: 0, server: 0, loader: 0, serverCore: core(0), loaderCore: core(0) };

/** After a second of which server and loader used these shares, and others these of their cores. */
function second(server: number, loader: number, others: Partial<Record<'server' | 'loader' | 'stolen', number>> = {}) {
  const million = 1e6;
  return {
    atMicros: million,
    server: server * million,
    loader: loader * million,
    serverCore: core((server + (others.server ?? 0)) * million, (others.stolen ?? 0) * million),
    loaderCore: core((loader + (others.loader ?? 0)) * million),
  };
}

test('a quiet second is beyond doubt', () => {
  expect(readingOf(start, second(0.99, 0.8))).toEqual({
    serverMicros: 990_000,
    loaderMicros: 800_000,
    seconds: 1,
    doubt: undefined,
  });
});

test('a loader that is busy while the server is not was saturated', () => {
  const { doubt } = readingOf(start, second(0.7, 0.97));
  expect(doubt).toBe('the loader was saturated (its core 97 % busy, the server 70 %)');
});

test('both busy is no saturation, and neither is a loader that waits busily for its clock', () => {
  expect(readingOf(start, second(0.95, 0.99)).doubt).toBeUndefined();
  expect(readingOf(start, second(0.3, 0.99), { paced: true }).doubt).toBeUndefined();
});

test.each([
  [{ server: 0.15 }, "other processes took 15 % of the server's core"],
  [{ loader: 0.15 }, "other processes took 15 % of the loader's core"],
  [{ stolen: 0.05 }, "the host took 5 % of the server's core"],
  [{ server: 0.05, loader: 0.05, stolen: 0.01 }, undefined],
])('others that take %j are a doubt: %s', (others, doubt) => {
  expect(readingOf(start, second(0.5, 0.5, others)).doubt).toBe(doubt);
});

test('where the system does not tell about cores there is no doubt about them', () => {
  const blind = { ...second(0.5, 0.5, { server: 0.5 }), serverCore: undefined, loaderCore: undefined };
  expect(readingOf(start, blind).doubt).toBeUndefined();
});

test('who else works on a core that is shared is no doubt', () => {
  expect(readingOf(start, second(0.5, 0.5, { loader: 0.5 }), { shared: true }).doubt).toBeUndefined();
});

test('CPU and memory of a process are those it tells itself', () => {
  const { user, system } = process.cpuUsage();
  expect(cpuMicrosOf(process.pid) / (user + system)).toBeCloseTo(1, 0);
  expect(rssBytesOf(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
});
