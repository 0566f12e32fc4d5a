import { eventually, ManualClock, TcpProxy } from '@roomcast/testing';
import type { ContractBroker, ContractBus, ContractBusOptions } from '@roomcast/testing/bus-contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerBusStats, Gap } from '../../src/index.js';
import { ask, type RawServer, type RawServerOptions, rawServer } from './raw-wire.js';

const event = (data: unknown) => ({ rooms: ['hall'], data });
const joinNews = { t: 'join', room: 'hall', topic: 'news' };
const quick: ContractBusOptions = {
  pingIntervalMs: 500,
  replyTimeoutMs: 2000,
  connectTimeoutMs: 2000,
  maxBackOffMs: 300,
};

type Start = (options: { cutsSlowReaders: boolean }) => Promise<ContractBroker>;

/** What the engine promises between instances, over a real broker that `start` starts. */
export function instancesContract(name: string, start: Start): void {
  describe(`instances on ${name}`, () => {
    it('deliver their own events once and at once, and those of others once, in order', async () => {
      const { a, b } = await pair(start);
      const [near, far] = [await a.client(), await b.client()];
      for (const client of [near, far]) await ask(client, joinNews);
      const spreads = Array.from({ length: 200 }, (_, number) => a.mount.publish('news', event(number)));
      expect(a.mount.stats()).toMatchObject({ published: 200, delivered: 200 });
      await Promise.all(spreads.map(({ done }) => done));
      b.mount.publish('news', event('from b'));
      for (const client of [near, far]) {
        const received: unknown[] = [];
        while (received.length < 201) received.push((await client.nextJson<{ data: unknown }>()).data);
        expect(received.filter((data) => data !== 'from b')).toEqual(
          Array.from({ length: 200 }, (_, number) => number),
        );
        expect(await ask(client, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
      }
      for (const { mount } of [a, b]) expect(mount.stats()).toMatchObject({ published: 201, ignored: 0, missed: 0 });
    });

    it('acknowledge a join when what others publish from then on arrives', async () => {
      const { a, b } = await pair(start);
      const client = await b.client();
      for (let number = 0; number < 20; number++) {
        await ask(client, { t: 'join', room: `room-${number}`, topic: `topic-${number}` });
        a.mount.publish(`topic-${number}`, { rooms: [`room-${number}`], data: number });
        expect(await client.nextJson()).toEqual({ t: 'event', data: number });
      }
    });

    it('publish an event once, however many they are, and receive only what somebody there wants', async () => {
      // Of marks and signs of life there are none while this clock stands.
      const { a, b, others, busOfA, busOfB } = await pair(
        start,
        { engine: { clock: new ManualClock() } },
        { others: 2 },
      );
      const interested = [await b.client(), await (others[0] as RawServer).client()];
      for (const client of interested) await ask(client, joinNews);
      const busesOfOthers = others.map(({ engine }) => engine.options.bus as StatsBus);
      const all = [busOfA, busOfB, ...busesOfOthers] as const;
      const before = all.map((bus) => bus.stats());
      for (let number = 0; number < 50; number++) await a.mount.publish('news', event(number)).done;
      for (const client of interested) {
        for (let number = 0; number < 50; number++)
          expect(await client.nextJson()).toEqual({ t: 'event', data: number });
      }
      const grown = all.map((bus, index) => {
        const { published, received } = bus.stats();
        return [published - (before[index]?.published ?? 0), received - (before[index]?.received ?? 0)];
      });
      expect(grown).toEqual([
        [50, 0],
        [0, 50],
        [0, 50],
        [0, 0],
      ]);
    });

    it('stop listening to a topic some time after the last has left', async () => {
      const clock = new ManualClock();
      const { b, busOfB } = await pair(start, { engine: { topicLingerMs: 15_000, clock } });
      const before = busOfB.stats().subscriptions;
      const client = await b.client();
      await ask(client, joinNews);
      expect(busOfB.stats().subscriptions).toBe(before + 1);
      await ask(client, { t: 'leave', room: 'hall' });
      await clock.advance(14_999);
      expect(busOfB.stats().subscriptions).toBe(before + 1);
      await clock.advance(1);
      expect(busOfB.stats().subscriptions).toBe(before);
    });

    it('account for every event when the broker cuts a slow one off, also when nothing is published afterwards', async () => {
      const gaps: Gap[] = [];
      const { a, b, proxy } = await pair(start, { onGap: (gap) => gaps.push(gap) }, { cutsSlowReaders: true });
      const client = await b.client();
      await ask(client, joinNews);
      await a.mount.publish('news', event('first')).done;
      expect(await client.nextJson()).toEqual({ t: 'event', data: 'first' });
      proxy.hold();
      // Much for the broker, nothing for the session.
      const large = { rooms: ['nowhere'], data: 'x'.repeat(1_000_000) };
      for (let count = 0; count < 40; count++) await a.mount.publish('news', large).done;
      proxy.release();
      const accounted = () => b.mount.stats().published + b.mount.stats().missed;
      await eventually(() => accounted() === 41, 'every event being delivered or reported');
      expect(gaps.reduce((sum, { missed }) => sum + missed, 0)).toBe(b.mount.stats().missed);
      expect(b.mount.stats().missed).toBeGreaterThan(0);
      a.mount.publish('news', event('last'));
      expect(await client.nextJson()).toEqual({ t: 'event', data: 'last' });
    });

    it('go on alone while the broker is away, tell publishers, and report afterwards what was missed', async () => {
      const { a, b, broker } = await pair(start);
      const [near, far] = [await a.client(), await b.client()];
      for (const client of [near, far]) await ask(client, joinNews);
      await a.mount.publish('news', event('before')).done;
      // The broker confirms a message before it has written it to everybody.
      expect(await far.nextJson()).toEqual({ t: 'event', data: 'before' });
      await broker.program?.kill();
      await eventually(() => a.engine.stats().bus === 'down' && b.engine.stats().bus === 'down', 'the outage');
      const [lost, retried] = [a.mount.publish('news', event('lost')), a.mount.publish('news', event('retried'))];
      for (const { done } of [lost, retried]) await expect(done).rejects.toMatchObject({ name: 'BusDownError' });
      for (const data of ['before', 'lost', 'retried']) expect(await near.nextJson()).toEqual({ t: 'event', data });
      await broker.program?.start();
      await eventually(() => a.engine.stats().bus === 'up' && b.engine.stats().bus === 'up', 'the return');
      await eventually(() => b.mount.stats().missed === 2, 'the report');
      await retried.retry();
      await retried.retry();
      await a.mount.publish('news', event('after')).done;
      for (const data of ['retried', 'after']) expect(await far.nextJson()).toEqual({ t: 'event', data });
      expect(await ask(near, { t: 'echo', data: 1 })).toMatchObject({ t: 'event', data: 'after' });
      expect(b.mount.stats()).toMatchObject({ published: 3, missed: 2, ignored: 1 });
    });

    it('deliver an event once that the broker took although it did not say so in time', async () => {
      const { a, b, broker } = await pair(start);
      const client = await b.client();
      await ask(client, joinNews);
      await broker.program?.pause();
      const spread = a.mount.publish('news', event('once'));
      await expect(spread.done).rejects.toMatchObject({ name: 'BusDownError' });
      broker.program?.resume();
      await eventually(() => a.engine.stats().bus === 'up' && b.engine.stats().bus === 'up', 'the return');
      // Tried again until it is certain: more than once may have arrived there.
      await eventually(
        () =>
          spread.retry().then(
            () => true,
            () => false,
          ),
        'the repeat',
      );
      await a.mount.publish('news', event('end')).done;
      for (const data of ['once', 'end']) expect(await client.nextJson()).toEqual({ t: 'event', data });
    });

    it('ignore what others put on their topics: counted, and logged once', async () => {
      const { a, b, broker } = await pair(start);
      const client = await b.client();
      await ask(client, joinNews);
      for (const text of ['', 'x', '{}', '{"version":2,"from":"x","epoch":"e","sequence":1,"event":{}}', '\xff']) {
        await broker.publishForeign('roomcast.raw.news', Buffer.from(text, 'latin1'));
      }
      await a.mount.publish('news', event('ours')).done;
      expect(await client.nextJson()).toEqual({ t: 'event', data: 'ours' });
      await eventually(() => b.mount.stats().ignored === 5, 'the count');
      expect(b.logger.lines.filter(({ message }) => /ignored/.test(message))).toHaveLength(1);
    });
  });
}

type StatsBus = ContractBus & { stats(): Pick<BrokerBusStats, 'published' | 'received' | 'subscriptions'> };

interface PairOptions {
  cutsSlowReaders?: boolean;
  /** Instances beside the two. */
  others?: number;
}

/** Two instances, the second behind a proxy. */
async function pair(
  start: Start,
  options: RawServerOptions = {},
  { cutsSlowReaders = false, others = 0 }: PairOptions = {},
) {
  const broker = await start({ cutsSlowReaders });
  onTestFinished(() => broker.close());
  const proxy = await TcpProxy.to(broker.program?.port as number);
  onTestFinished(() => proxy.close());
  const ports = [undefined, proxy.port, ...new Array<undefined>(others).fill(undefined)];
  const buses = (await Promise.all(ports.map((port) => broker.connect(quick, port)))) as StatsBus[];
  onTestFinished(async () => void (await Promise.all(buses.map((bus) => bus.close()))));
  const servers = await Promise.all(buses.map((bus) => rawServer({ ...options, engine: { ...options.engine, bus } })));
  await Promise.all(servers.map(({ engine }) => engine.ready()));
  const [a, b, ...rest] = servers as [RawServer, RawServer, ...RawServer[]];
  const [busOfA, busOfB] = buses as [StatsBus, StatsBus];
  return { broker, proxy, a, b, others: rest, busOfA, busOfB };
}
