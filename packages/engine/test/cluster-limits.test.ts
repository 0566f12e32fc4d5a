import { eventually, ManualClock, type TestClient, turns, UpgradeRefused } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { type Fate, MemoryBroker } from '../src/index.js';
import { testCluster } from './support/clusters.js';
import { ask, type RawServer, type RawServerOptions, rawServer } from './support/raw-wire.js';

describe('a rate', () => {
  async function two(options = { max: 5, windowMs: 60_000 }) {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(10);
    return { test, a: a.rate('logins', options), b: b.rate('logins', options) };
  }

  it('is of all instances together: the limit passes, one more does not', async () => {
    const { test, a, b } = await two();
    for (const rate of [a, a, b]) expect(rate.count('ann')).toBeUndefined();
    await turns(5);
    for (const rate of [b, a]) expect(rate.count('ann')).toBeUndefined();
    await turns(5);
    expect([a.count('ann'), b.count('ann')]).toEqual([60_000, 60_000]);
    expect(a.count('bob')).toBeUndefined();
    await test.clock.advance(59_999);
    expect(b.count('ann')).toBe(1);
    await test.clock.advance(1);
    expect(b.count('ann')).toBeUndefined();
  });

  it('counts what is refused not', async () => {
    const { a, b } = await two();
    for (let times = 0; times < 9; times++) a.count('ann');
    await turns(5);
    a.forgive('ann');
    for (let times = 0; times < 5; times++) expect(a.count('ann')).toBeUndefined();
    expect(a.count('ann')).toBeDefined();
    await turns(5);
    expect(b.count('ann')).toBeDefined();
  });

  it('begins anew for one that is forgiven, on every instance', async () => {
    const { a, b } = await two();
    for (const rate of [a, a, b, b, b]) rate.count('ann');
    await turns(5);
    expect(a.count('ann')).toBeDefined();
    b.forgive('ann');
    await turns(5);
    for (const rate of [a, b, a, b, b]) {
      expect(rate.count('ann')).toBeUndefined();
      await turns(5);
    }
    expect([a.count('ann'), b.count('ann')]).toEqual([60_001, 60_001]);
    a.forgive('bob');
    expect([...a.share.keys()]).toEqual(['ann']);
  });

  it('remembers no more keys than it may, and none of an earlier window', async () => {
    const test = testCluster();
    const a = await test.join('a');
    const rate = a.rate('logins', { max: 1, windowMs: 1000, maxKeys: 3 });
    for (const key of ['1', '2', '3', '4']) rate.count(key);
    expect(rate.share.ownSize).toBe(3);
    expect([rate.count('2'), rate.count('1')]).toEqual([1000, undefined]);
    await test.clock.advance(1000);
    rate.count('5');
    expect([...rate.share.ownKeys()]).toEqual(['5']);
  });
});

describe('connections of one identity', () => {
  async function two(options: RawServerOptions) {
    const clock = new ManualClock();
    let fate: (to: string) => Fate = () => 'deliver';
    const broker = new MemoryBroker({ clock, fate: ({ to }) => fate(to) });
    const servers: RawServer[] = [];
    for (const name of ['a', 'b']) {
      const server = await rawServer({ ...options, engine: { bus: broker.connect(name), clock } });
      await server.engine.ready();
      servers.push(server);
    }
    await turns(10);
    const [a, b] = servers as [RawServer, RawServer];
    const known = (count: number) =>
      eventually(
        () =>
          servers.every(({ engine }) => {
            const share = engine.cluster.share<readonly number[]>('$connections.raw');
            return [...share.values('ann')].flat().length === count;
          }),
        `${count} connections known on both`,
      );
    const setFate = (decide: typeof fate) => {
      fate = decide;
    };
    return { clock, a, b, known, setFate };
  }

  const refused = async (connecting: Promise<TestClient>) => {
    const error = await connecting.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof UpgradeRefused ? error.status : undefined;
  };

  it('are refused over the limit, wherever the others are, until one goes', async () => {
    const { a, b, known } = await two({ maxConnectionsPerIdentity: 3 });
    const first = await a.client('id=ann');
    await a.client('id=ann');
    await known(2);
    await b.client('id=ann');
    await known(3);
    expect([await refused(a.client('id=ann')), await refused(b.client('id=ann'))]).toEqual([429, 429]);
    await b.client('id=bob');
    await first.close();
    await known(2);
    await b.client('id=ann');
  });

  it('make room for a new one where the oldest goes, wherever that is', async () => {
    const { clock, a, b, known } = await two({ maxConnectionsPerIdentity: 3, whenTooMany: 'close-oldest' });
    const first = await a.client('id=ann');
    await clock.advance(10);
    const second = await b.client('id=ann');
    await clock.advance(10);
    const third = await a.client('id=ann');
    await known(3);
    await clock.advance(10);
    const fourth = await b.client('id=ann');
    expect(await first.waitForClose()).toMatchObject({ code: 1008 });
    await known(3);
    await clock.advance(10);
    const fifth = await b.client('id=ann');
    expect(await second.waitForClose()).toMatchObject({ code: 1008 });
    await known(3);
    for (const client of [third, fourth, fifth]) {
      expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    }
  });

  it('that were opened on both sides of a split are as many as they may be after it', async () => {
    const { clock, a, b, known, setFate } = await two({ maxConnectionsPerIdentity: 3, whenTooMany: 'close-oldest' });
    const clients: TestClient[] = [];
    for (const server of [a, a, a, b, b]) {
      if (server === b) setFate(() => 'drop');
      clients.push(await server.client('id=ann'));
      await clock.advance(10);
    }
    setFate(() => 'deliver');
    await clock.advance(5000);
    await known(3);
    await clients[0]?.waitForClose();
    await clients[1]?.waitForClose();
    for (const client of clients.slice(2)) {
      expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    }
  });

  it('of the same moment lose one, not two', async () => {
    const { a, b, known } = await two({ maxConnectionsPerIdentity: 1, whenTooMany: 'close-oldest' });
    const clients = await Promise.all([a.client('id=ann'), b.client('id=ann')]);
    await known(1);
    const closed = clients.map((client) => client.waitForClose());
    await Promise.race(closed);
    await turns(10);
    await known(1);
  });

  it('of an instance that has died count no more after 15 seconds', async () => {
    const { clock, a, b, known, setFate } = await two({ maxConnectionsPerIdentity: 1 });
    await b.client('id=ann');
    await known(1);
    setFate((to) => (to === 'a' ? 'drop' : 'deliver'));
    await clock.advance(9000);
    expect(await refused(a.client('id=ann'))).toBe(429);
    await clock.advance(11_000);
    await a.client('id=ann');
  });
});
