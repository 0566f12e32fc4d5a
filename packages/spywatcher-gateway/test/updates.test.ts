import { type AskOptions, type Cluster, createEngine } from '@roomcast/engine';
import type { AnalyticsUpdate } from '@roomcast/spywatcher-protocol';
import { ManualClock } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Updates } from '../src/updates.js';
import { analytics, at } from './support/events.js';

const update = (guildId: string): AnalyticsUpdate => ({ guildId, data: analytics, timestamp: at });

function start() {
  const clock = new ManualClock();
  const engine = createEngine({ clock });
  onTestFinished(() => engine.close());
  const { cluster } = engine;
  const options = { name: 'spywatcher', clock, cluster, throttleMs: 1000, maxGuilds: 2 };
  return { cluster, updates: new Updates({ ...options, compute: update, send: () => {} }) };
}

it('the last updates of as many guilds are kept as may be, the newest', () => {
  const { updates } = start();
  for (const guildId of ['1', '2', '1', '3']) updates.sent(update(guildId));
  expect(updates.saved().map(({ guildId }) => guildId)).toEqual(['1', '3']);
  expect(updates.last('2')).toBeUndefined();
});

it('a gateway that ends lets another one send, and answers no more, also where its engine goes on', async () => {
  const { updates, cluster } = start();
  const lease = cluster.lease('spywatcher.updates');
  expect(lease.held).toBe(true);
  updates.stop();
  expect(lease.isStopped).toBe(true);
  const { missing } = await cluster.ask('spywatcher.update', '1');
  expect([...missing.values()]).toEqual(['unknown question']);
});

describe('what was sent before an instance came', () => {
  /** One that knows of another instance that sends, which answers what the test says, when it says so. */
  function newcomer() {
    const answering: ((value: unknown) => void)[] = [];
    const cluster = {
      lease: () => ({ held: false, holder: 'other', onChange: () => () => {}, stop() {} }),
      answer: () => () => {},
      ask: (_name: string, _question: unknown, { parse = (value: unknown) => value }: AskOptions<unknown> = {}) =>
        new Promise((resolve) => {
          answering.push((value) => {
            const answers = value === 'none' ? [] : [['other', parse(value)] as const];
            resolve({ answers: new Map(answers), missing: new Map() });
          });
        }),
    } as unknown as Cluster;
    const options = { name: 'spywatcher', clock: new ManualClock(), cluster, throttleMs: 1000, maxGuilds: 2 };
    const updates = new Updates({ ...options, compute: update, send: () => {} });
    return { updates, answering };
  }

  it('is asked for once, and known from then on', async () => {
    const { updates, answering } = newcomer();
    const learning = [updates.learn('1'), updates.learn('1')];
    answering[0]?.({ update: update('1') });
    expect(await Promise.all(learning)).toEqual([update('1'), update('1')]);
    expect(updates.last('1')).toEqual(update('1'));
    expect(answering).toHaveLength(1);
  });

  it('takes the place of nothing that came meanwhile', async () => {
    const { updates, answering } = newcomer();
    const learning = updates.learn('1');
    const later = { ...update('1'), timestamp: '2026-01-16T12:00:30.000Z' };
    updates.sent(later);
    answering[0]?.({ update: update('1') });
    expect(await learning).toBeUndefined();
    expect(updates.last('1')).toEqual(later);
  });

  it.each([[{}], [null], [{ update: {} }], [{ update: update('2') }]])(
    'is nothing where the answer is %j',
    async (given) => {
      const { updates, answering } = newcomer();
      const learning = updates.learn('1');
      answering[0]?.(given);
      expect(await learning).toBeUndefined();
      expect(updates.saved()).toEqual([]);
      expect(await updates.learn('1')).toBeUndefined();
      expect(answering).toHaveLength(1);
    },
  );

  it('takes the place of what was saved before a restart, which is better than nothing', async () => {
    for (const answer of [{ update: update('1') }, {}]) {
      const { updates, answering } = newcomer();
      const saved = { ...update('1'), timestamp: '2026-01-01T00:00:00.000Z' };
      updates.restore([saved]);
      const learning = updates.learn('1');
      answering[0]?.(answer);
      expect(await learning).toEqual(answer.update ?? saved);
      expect(updates.last('1')).toEqual(answer.update ?? saved);
      updates.sent(update('1'));
      expect(updates.learn('1')).toBeUndefined();
    }
  });

  it('is asked for again where no answer came', async () => {
    const { updates, answering } = newcomer();
    const learning = updates.learn('1');
    answering[0]?.('none');
    expect(await learning).toBeUndefined();
    void updates.learn('1');
    expect(answering).toHaveLength(2);
  });
});
