import { eventually } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readingOf, type Snapshot } from '../src/loader/meter.js';
import { cpuMicrosOf, processTimeOf, rssBytesOf } from '../src/loader/usage.js';
import { startProgram } from '../src/run/child.js';
import { inspectMachine } from '../src/run/machine.js';

type Others = Partial<Record<'server' | 'loader' | 'stolen', number>>;

const side = (ran: number, waited = 0, stolen = 0) => ({ ran, waited, stolen });
const start: Snapshot = { atMicros: 0, server: side(0), loader: side(0) };

/** After a second of which server and loader used these shares, and others kept them waiting for these. */
function second(server: number, loader: number, others: Others = {}): Snapshot {
  const million = 1e6;
  return {
    atMicros: million,
    server: side(server * million, (others.server ?? 0) * million, (others.stolen ?? 0) * million),
    loader: side(loader * million, (others.loader ?? 0) * million),
  };
}

test('a quiet second is beyond doubt', () => {
  expect(readingOf(start, second(0.99, 0.8))).toEqual({
    serverMicros: 990_000,
    loaderMicros: 800_000,
    seconds: 1,
    doubt: undefined,
    disturbance: undefined,
  });
});

test.each([0.7, 0.99])('a loader whose core is full was saturated, the server %d busy', (server) => {
  const { doubt, disturbance } = readingOf(start, second(server, 0.97));
  expect(doubt).toBe('the loader was saturated (its core 97 % busy)');
  expect(disturbance).toBeUndefined();
});

test('a loader that waits busily for its clock is not saturated', () => {
  expect(readingOf(start, second(0.3, 0.99), { paced: true }).doubt).toBeUndefined();
});

test.each([
  [{ server: 0.15 }, 'other processes kept the server waiting for 15 % of the time'],
  [{ loader: 0.15 }, 'other processes kept the loader waiting for 15 % of the time'],
  [{ stolen: 0.05 }, "the host took 5 % of the server's core"],
  [{ server: 0.05, loader: 0.05, stolen: 0.01 }, undefined],
])('others that take %j are a doubt: %s', (others, doubt) => {
  expect(readingOf(start, second(0.5, 0.5, others))).toMatchObject({ doubt, disturbance: doubt });
});

test('where the system does not tell what others took there is no doubt about it', () => {
  const unknown = { ran: 1, waited: undefined, stolen: undefined };
  const blind = { atMicros: 1e6, server: unknown, loader: unknown };
  expect(readingOf(blind, { ...blind, atMicros: 2e6 }).doubt).toBeUndefined();
});

test('who else works on a core that is shared is no doubt', () => {
  expect(readingOf(start, second(0.5, 0.5, { loader: 0.5 }), { shared: true }).doubt).toBeUndefined();
});

const { serverCore } = inspectMachine();

test.runIf(serverCore >= 0)('who shares a core waits for the others', async () => {
  const busy = () => {
    const child = startProgram({ command: process.execPath, args: ['-e', 'for (;;);'], core: serverCore });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child.pid ?? 0;
  };
  const pids = [busy(), busy(), busy()];
  const waited = () => pids.map((pid) => processTimeOf(pid).waited ?? 0);
  await eventually(() => waited().every((micros) => micros > 300_000), 'each waits');
  // Of three, each waits twice as long as it runs, and longer where others run there too.
  const waitedFirst = sum(waited());
  expect(waitedFirst).toBeGreaterThan(sum(pids.map(cpuMicrosOf)));
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('CPU and memory of a process are those it tells itself', () => {
  const { user, system } = process.cpuUsage();
  expect(cpuMicrosOf(process.pid) / (user + system)).toBeCloseTo(1, 0);
  expect(rssBytesOf(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
});
