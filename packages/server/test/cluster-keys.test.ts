import { type Engine, type Fate, MemoryBroker, type MemoryBus } from '@roomcast/engine';
import { publishHandler } from '@roomcast/server';
import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChatGateway, chatGateway, quietEngine } from './support/chat.js';

const token = 'publish-token-0123';

interface Instance {
  name: string;
  engine: Engine;
  bus: MemoryBus;
  chat: ChatGateway;
  post(key: string, text?: string): Promise<[status: number, body: Record<string, unknown>]>;
}

interface Cluster {
  clock: ManualClock;
  instances: Instance[];
  fate: (message: { topic: string; text: string; to: string }) => Fate;
  join(name: string): Promise<Instance>;
  /** Time passes while something is asked for, as much as it takes. */
  passing<Value>(asked: Promise<Value>): Promise<Value>;
}

async function cluster(names: readonly string[]): Promise<Cluster> {
  const clock = new ManualClock();
  const broker = new MemoryBroker({ clock, fate: (message) => it.fate(message) });
  const it: Cluster = {
    clock,
    instances: [],
    fate: () => 'deliver',
    async join(name) {
      const bus = broker.connect(name);
      const engine = quietEngine({ bus, clock });
      onTestFinished(() => engine.close());
      const chat = chatGateway(engine);
      const publish = publishHandler({ gateway: chat, token, cluster: engine.cluster, clock });
      const instance: Instance = {
        name,
        engine,
        bus,
        chat,
        async post(key, text = 'hello') {
          const response = await publish(
            new Request('http://host/api/publish', {
              method: 'POST',
              headers: {
                authorization: `Bearer ${token}`,
                'content-type': 'application/json',
                'idempotency-key': key,
              },
              body: JSON.stringify({ room: 'lobby', text }),
            }),
          );
          return [response.status, (await response.json()) as Record<string, unknown>];
        },
      };
      it.instances.push(instance);
      await engine.ready();
      const alive = it.instances.filter(({ engine: { cluster } }) => cluster.members.has(engine.instance));
      await eventually(
        () => alive.every(({ engine: other }) => other.cluster.members.has(engine.instance)),
        'the newcomer',
      );
      await turns(5);
      return instance;
    },
    async passing(asked) {
      let over = false;
      const done = asked.finally(() => {
        over = true;
      });
      for (let step = 0; !over && step < 200; step++) {
        await turns(20);
        if (!over) await clock.advance(100);
      }
      return done;
    },
  };
  for (const name of names) await it.join(name);
  return it;
}

const names = ['a', 'b', 'c'];
const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);

/** How often each instance has got each text. */
function times(instances: readonly Instance[], text: string): number[] {
  return instances.map(({ chat }) => chat.seen.filter((seen) => seen === text).length);
}

describe('an Idempotency-Key, in a cluster', () => {
  test('is known on every instance, whichever owns it', async () => {
    const { instances, passing } = await cluster(names);
    for (const [index, key] of keys.entries()) {
      for (let repeat = 0; repeat < 3; repeat++) {
        const { post } = instances[(index + repeat) % 3] as Instance;
        expect(await passing(post(key, key))).toEqual([202, { accepted: 1 }]);
      }
      await turns(5);
      expect(times(instances, key)).toEqual([1, 1, 1]);
    }
  });

  test('is known when its repeats come at the same time', async () => {
    const { instances, passing } = await cluster(names);
    for (const key of keys) {
      const answers = await passing(Promise.all(instances.map(({ post }) => post(key, key))));
      expect(answers.map(([status]) => status)).toEqual([202, 202, 202]);
      await turns(5);
      expect(times(instances, key)).toEqual([1, 1, 1]);
    }
  });

  test('refuses another body on every instance', async () => {
    const { instances, passing } = await cluster(names);
    for (const key of keys) {
      const [one, other] = instances as [Instance, Instance];
      await passing(one.post(key, 'one'));
      expect((await passing(other.post(key, 'another')))[0]).toBe(422);
    }
    await turns(5);
    expect(times(instances, 'another')).toEqual([0, 0, 0]);
  });

  test('is free again after a request that published nothing', async () => {
    const { instances, passing } = await cluster(names);
    for (const key of keys) {
      const [one, other] = instances as [Instance, Instance];
      expect((await passing(one.post(key, 5 as unknown as string)))[0]).toBe(400);
      expect((await passing(other.post(key, key)))[0]).toBe(202);
      await turns(5);
      expect(times(instances, key)).toEqual([1, 1, 1]);
    }
  });

  test('is forgotten after ten minutes, and not before', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other] = instances as [Instance, Instance];
    await passing(one.post('key'));
    await clock.advance(10 * 60_000 - 5000);
    await passing(other.post('key'));
    await turns(5);
    expect(times(instances, 'hello')).toEqual([1, 1, 1]);
    await clock.advance(10_000);
    await passing(other.post('key'));
    await turns(5);
    expect(times(instances, 'hello')).toEqual([2, 2, 2]);
  });

  test('is known to an owner that has come since', async () => {
    const { instances, join, passing } = await cluster(['a', 'b']);
    for (const key of keys) await passing((instances[0] as Instance).post(key, key));
    const late = await join('c');
    const later = await join('d');
    for (const key of keys) expect(await passing(late.post(key, key))).toEqual([202, { accepted: 1 }]);
    for (const key of keys) await passing(later.post(key, key));
    await turns(5);
    for (const key of keys) expect(times(instances, key)).toEqual([1, 1, 0, 0]);
  });

  test('is known while its owner has died, wherever the one that has done it is alive', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other, dead] = instances as [Instance, Instance, Instance];
    for (const key of keys) await passing(one.post(key, key));
    dead.bus.setStatus('down');
    await clock.advance(20_000);
    for (const key of keys) expect(await passing(other.post(key, key))).toEqual([202, { accepted: 1 }]);
    await turns(5);
    for (const key of keys) expect(times([one, other], key)).toEqual([1, 1]);
  });

  test('whose instance has died is done again, rather than not at all', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other, dead] = instances as [Instance, Instance, Instance];
    for (const key of keys) await passing(dead.post(key, key));
    await turns(5);
    dead.bus.setStatus('down');
    // At once, while it still counts as there, and once more when it is gone.
    await passing(one.post('key-0', 'key-0'));
    await clock.advance(20_000);
    for (const key of keys) expect((await passing(other.post(key, key)))[0]).toBe(202);
    for (const key of keys) expect((await passing(one.post(key, key)))[0]).toBe(202);
    await turns(5);
    for (const key of keys) expect(times([one, other], key)).toEqual([2, 2]);
  });

  test('done without the bus is spread from another instance’s repeat, and delivered here once', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other, third] = instances as [Instance, Instance, Instance];
    // Long after anybody came: owners trust what they know.
    await clock.advance(11 * 60_000);
    one.bus.setStatus('down');
    for (const key of keys) expect((await passing(one.post(key, key)))[0]).toBe(503);
    one.bus.setStatus('up');
    await passing(turns(50));
    for (const key of keys) expect(await passing(other.post(key, key))).toEqual([202, { accepted: 1 }]);
    for (const key of keys) expect(await passing(third.post(key, key))).toEqual([202, { accepted: 1 }]);
    await turns(5);
    for (const key of keys) expect(times(instances, key)).toEqual([1, 1, 1]);
  });

  test('that another has done while the bus was away here is not spread once more', async () => {
    const { instances, passing } = await cluster(names);
    const [one, other, third] = instances as [Instance, Instance, Instance];
    one.bus.setStatus('down');
    expect((await passing(one.post('key')))[0]).toBe(503);
    expect((await passing(other.post('key')))[0]).toBe(202);
    one.bus.setStatus('up');
    await passing(turns(50));
    expect(await passing(one.post('key'))).toEqual([202, { accepted: 1 }]);
    await turns(5);
    expect(times([one, other, third], 'hello')).toEqual([1, 1, 1]);
  });

  test('that another has done is not spread by a repeat in the moment in which the bus is back', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other, third] = instances as [Instance, Instance, Instance];
    await clock.advance(11 * 60_000);
    one.bus.setStatus('down');
    for (const key of keys) expect((await passing(one.post(key, key)))[0]).toBe(503);
    // All at once: each waits two seconds for an owner that is cut off, and after 15 the others would be taken for dead.
    const done = await passing(Promise.all(keys.map((key) => other.post(key, key))));
    expect(done.map(([status]) => status)).toEqual(keys.map(() => 202));
    one.bus.setStatus('up');
    const answers = await passing(Promise.all(keys.map((key) => one.post(key, key))));
    expect(answers.map(([status]) => status)).toEqual(keys.map(() => 202));
    await turns(5);
    for (const key of keys) expect(times([one, other, third], key)).toEqual([1, 1, 1]);
  });

  test('whose instance has died is done by one of two that are asked at the same time', async () => {
    const { instances, clock, passing } = await cluster(names);
    const [one, other, dead] = instances as [Instance, Instance, Instance];
    await clock.advance(11 * 60_000);
    for (const key of keys) await passing(dead.post(key, key));
    await turns(5);
    dead.bus.setStatus('down');
    const owned = keys.filter((key) => {
      const { cluster: ofOne } = one.engine;
      return ofOne.owner(`$keys.chat/${key}`) !== dead.engine.instance;
    });
    await passing(Promise.all(owned.flatMap((key) => [one.post(key, key), other.post(key, key)])));
    await turns(5);
    expect(owned.length).toBeGreaterThan(0);
    for (const key of owned) expect(times([one, other], key)).toEqual([2, 2]);
  });

  test('is known when an owner’s answer comes late to the one and early to the other', async () => {
    const it = await cluster(names);
    const { instances, passing } = it;
    const [one] = instances as [Instance];
    let first = true;
    it.fate = ({ text, to }) => {
      const isHome = to === 'a' && text.includes('"answer"') && text.includes(one.engine.instance) && first;
      if (isHome) first = false;
      return isHome ? { delayMs: 300 } : 'deliver';
    };
    for (const key of keys) {
      first = true;
      const begun = one.post(key, key);
      await turns(20);
      const answers = await passing(Promise.all([begun, ...instances.slice(1).map(({ post }) => post(key, key))]));
      expect(answers.map(([status]) => status)).toEqual([202, 202, 202]);
      await turns(5);
      expect(times(instances, key)).toEqual([1, 1, 1]);
    }
  });

  test('is one for several handlers of a gateway', async () => {
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const handlers = [1, 2].map(() => publishHandler({ gateway: chat, token, cluster: engine.cluster }));
    for (const publish of handlers) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' };
      const body = JSON.stringify({ room: 'lobby', text: 'hello' });
      expect((await publish(new Request('http://host/', { method: 'POST', headers, body }))).status).toBe(202);
    }
    expect(chat.seen).toEqual(['hello']);
    await engine.close();
  });
});
