import { expect, it } from 'vitest';
import { Connection, type ConnectionOptions, figuresOf, openerOf } from '../src/index.js';

const defaults = { baseMs: 500, capMs: 1_000, maxThings: 10 };

it('fills in defaults, also for what is undefined', () => {
  expect(figuresOf(defaults, { capMs: 800, maxThings: undefined })).toEqual({ baseMs: 500, capMs: 800, maxThings: 10 });
});

it.each([
  [{ baseMs: 0 }, 'baseMs'],
  [{ capMs: -1 }, 'capMs'],
  [{ maxThings: Number.NaN }, 'maxThings'],
  [{ baseMs: '500' as never }, 'baseMs'],
  [{ baseMs: 2_000 }, 'baseMs'],
  [{ capMs: 2 ** 31 }, 'capMs'],
])('refuses %j by name', (given, option) => {
  expect(() => figuresOf(defaults, given)).toThrow(expect.objectContaining({ name: 'ClientOptionsError', option }));
});

it.each<[Partial<ConnectionOptions>, string]>([
  [{ maxQueued: -1 }, 'maxQueued'],
  [{ maxQueued: 1.5 }, 'maxQueued'],
  [{ connectTimeoutMs: 0 }, 'connectTimeoutMs'],
  [{ heartbeat: { intervalMs: 0, timeoutMs: 1, beat: () => {} } }, 'intervalMs'],
])('a connection refuses %j by name', (given, option) => {
  const options = { open: openerOf(class {} as never), target: () => ({ url: 'ws://localhost' }), ...given };
  const hooks = { onChange: () => {}, onMessage: () => {}, onError: () => {} };
  expect(() => new Connection(options, hooks)).toThrow(expect.objectContaining({ option }));
});
