import { eventually, ManualClock, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { BusDownError, type Fate, type Gap, MemoryBroker, silentLogger } from '../src/index.js';
import { Counters } from '../src/observe/stats.js';
import { Following, Numbering } from '../src/publishing/sequence.js';
import { Topics } from '../src/publishing/topics.js';
import { ask, type RawServerOptions, rawServer } from './support/raw-wire.js';

const news = 'roomcast.raw.news';
const event = (data: unknown) => ({ rooms: ['hall'], data });

/** A publisher and an instance with a member, and between them a broker that does as it is told. */
async function faulty(fate: (sequence: number) => Fate, options: RawServerOptions = {}) {
  const clock = new ManualClock();
  let messages = 0;
  const broker = new MemoryBroker({
    clock,
    fate: ({ topic, to }) => (topic === news && to === 'b' ? fate(++messages) : 'deliver'),
  });
  const busOfA = broker.connect('a');
  const a = await rawServer({ engine: { bus: busOfA } });
  const b = await rawServer({ ...options, engine: { bus: broker.connect('b') } });
  const client = await b.client();
  await ask(client, { t: 'join', room: 'hall', topic: 'news' });
  return { a, b, client, clock, broker, busOfA };
}

/** One instance's topics, without the rest of it. */
function topicsOn(
  broker: MemoryBroker,
  instance: string,
  counters: Counters,
  receive: (value: number) => void,
): Topics {
  return new Topics({
    bus: broker.connect(instance),
    prefix: 'test.',
    instance,
    clock: new ManualClock(),
    lingerMs: 0,
    counters,
    logger: silentLogger,
    receive: (_topic, value) => receive(value as number),
    onGap: () => {},
  });
}

describe('events that the bus loses', () => {
  it('are reported as a gap with their exact number, and counted', async () => {
    const gaps: Gap[] = [];
    const { a, b, client } = await faulty((message) => (message >= 3 && message <= 7 ? 'drop' : 'deliver'), {
      onGap: (gap) => gaps.push(gap),
    });
    for (let number = 1; number <= 10; number++) a.mount.publish('news', event(number));
    for (const number of [1, 2, 8, 9, 10]) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
    expect(gaps).toEqual([{ topic: 'news', publisher: a.engine.instance, missed: 5 }]);
    expect(b.mount.stats()).toMatchObject({ missed: 5, published: 5, ignored: 0 });
  });

  it('are told before what came after them is delivered', async () => {
    const order: unknown[] = [];
    const { a } = await faulty((message) => (message === 2 ? 'drop' : 'deliver'), {
      onGap: ({ missed }) => order.push({ missed }),
      receive: ({ data }) => order.push(data),
    });
    for (let number = 1; number <= 3; number++) a.mount.publish('news', event(number));
    await eventually(() => order.length === 3);
    expect(order).toEqual([1, { missed: 1 }, 3]);
  });

  it('are warned of in the log where nobody asks to be told', async () => {
    const { a, b, client } = await faulty((message) => (message === 2 ? 'drop' : 'deliver'));
    for (let number = 1; number <= 3; number++) a.mount.publish('news', event(number));
    for (const number of [1, 3]) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
    expect(b.logger.lines).toMatchObject([
      { level: 'warn', fields: { topic: 'news', publisher: a.engine.instance, missed: 1 } },
    ]);
  });

  it('do not keep the next one from being delivered when hearing of them fails', async () => {
    const { a, b, client } = await faulty((message) => (message === 2 ? 'drop' : 'deliver'), {
      onGap: () => {
        throw new Error('broken');
      },
    });
    for (let number = 1; number <= 3; number++) a.mount.publish('news', event(number));
    for (const number of [1, 3]) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
    expect(b.mount.stats().failures).toBe(1);
  });
});

describe('events that the bus brings late', () => {
  it('are ignored and counted: order goes before completeness', async () => {
    const { a, b, client, clock } = await faulty((message) => (message === 2 ? { delayMs: 1000 } : 'deliver'));
    for (let number = 1; number <= 4; number++) a.mount.publish('news', event(number));
    for (const number of [1, 3, 4]) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
    await clock.advance(1000);
    expect(b.mount.stats()).toMatchObject({ ignored: 1, missed: 1, published: 3 });
    expect(await ask(client, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
  });

  it('or not at all, in any mixture, never arrive twice or out of order, and every one is accounted for', async () => {
    const fates = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constant<Fate>('deliver') },
        { weight: 1, arbitrary: fc.constant<Fate>('drop') },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 50 }).map<Fate>((delayMs) => ({ delayMs })) },
      ),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fates, async (decided) => {
        const clock = new ManualClock();
        const next = decided.values();
        const broker = new MemoryBroker({ clock, fate: () => next.next().value as Fate });
        const received: number[] = [];
        const counters = new Counters();
        const publisher = topicsOn(broker, 'publisher', new Counters(), () => {});
        const receiver = topicsOn(broker, 'receiver', counters, (value) => received.push(value));
        await receiver.acquire('news');
        // The first is where counting begins, and is not at stake.
        for (let number = 1; number <= decided.length; number++) {
          publisher.spread('news', number);
          await clock.advance(5);
        }
        await clock.advance(100);
        expect(received).toEqual([...new Set(received)].sort((a, b) => a - b));
        const arrived = decided.filter((fate) => fate !== 'drop').length;
        expect(received.length + counters.ignored).toBe(arrived);
        const [first, last] = [received[0] ?? 1, received.at(-1) ?? 0];
        expect(received.length + counters.missed).toBe(Math.max(0, last - first + 1));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a bus that is down', () => {
  it('keeps nobody from being served here, and the publisher learns of it', async () => {
    const { a, b, busOfA } = await faulty(() => 'deliver');
    const near = await a.client();
    await ask(near, { t: 'join', room: 'hall', topic: 'news' });
    busOfA.setStatus('down');
    expect(a.engine.stats().bus).toBe('down');
    const spread = a.mount.publish('news', event('local'));
    await expect(spread.done).rejects.toBeInstanceOf(BusDownError);
    expect(await near.nextJson()).toEqual({ t: 'event', data: 'local' });
    expect(b.mount.stats().published).toBe(0);
    busOfA.setStatus('up');
    expect(a.engine.stats().bus).toBe('up');
  });

  it('can be tried again: the others get the event once, and nobody here twice', async () => {
    const { a, b, client, busOfA } = await faulty(() => 'deliver');
    a.mount.publish('news', event('before'));
    const near = await a.client();
    await ask(near, { t: 'join', room: 'hall', topic: 'news' });
    busOfA.setStatus('down');
    const spread = a.mount.publish('news', event('again'));
    await expect(spread.done).rejects.toBeInstanceOf(BusDownError);
    busOfA.setStatus('up');
    await spread.retry();
    await spread.retry();
    a.mount.publish('news', event('after'));
    for (const data of ['before', 'again', 'after']) expect(await client.nextJson()).toEqual({ t: 'event', data });
    for (const data of ['again', 'after']) expect(await near.nextJson()).toEqual({ t: 'event', data });
    expect(await ask(near, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
    expect(a.mount.stats().published).toBe(3);
    expect(b.mount.stats()).toMatchObject({ published: 3, ignored: 1, missed: 0 });
  });

  it('can be tried again although others have come through meanwhile, and by whom it had reached it is not got twice', async () => {
    const { a, b, client } = await faulty((message) => (message === 2 ? 'drop' : 'deliver'));
    const spreads = ['one', 'two', 'three'].map((data) => a.mount.publish('news', event(data)));
    for (const data of ['one', 'three']) expect(await client.nextJson()).toEqual({ t: 'event', data });
    for (const spread of spreads) await spread.retry();
    expect(await client.nextJson()).toEqual({ t: 'event', data: 'two' });
    expect(await ask(client, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
    expect(b.mount.stats()).toMatchObject({ published: 3, ignored: 2, missed: 1 });
  });

  it('can be tried again in vain', async () => {
    const { a, client, busOfA } = await faulty(() => 'deliver');
    busOfA.setStatus('down');
    const spread = a.mount.publish('news', event(1));
    for (let attempt = 0; attempt < 3; attempt++) await expect(spread.retry()).rejects.toBeInstanceOf(BusDownError);
    busOfA.setStatus('up');
    await spread.retry();
    expect(await client.nextJson()).toEqual({ t: 'event', data: 1 });
  });

  it('never has an event arrive twice, and always once where a try came through, however they are tried', async () => {
    const step = fc.record({ publish: fc.boolean(), which: fc.nat(), arrives: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let arrives = true;
        const broker = new MemoryBroker({ fate: () => (arrives ? 'deliver' : 'drop') });
        const received: number[] = [];
        const receiver = topicsOn(broker, 'receiver', new Counters(), (value) => received.push(value));
        const publisher = topicsOn(broker, 'publisher', new Counters(), () => {});
        await receiver.acquire('news');
        const spreads = [publisher.spread('news', 0)];
        const arrived = new Set([0]);
        await turns(1);
        for (const { publish, which, arrives: through } of steps) {
          arrives = through;
          const number = publish ? spreads.length : which % spreads.length;
          if (publish) spreads.push(publisher.spread('news', number));
          else void spreads[number]?.retry();
          if (through) arrived.add(number);
          await turns(1);
        }
        expect([...received].sort((a, b) => a - b)).toEqual([...arrived].sort((a, b) => a - b));
      }),
      { numRuns: 80 },
    );
  });

  it('does not end a process that does not look', async () => {
    const { a, busOfA } = await faulty(() => 'deliver');
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    busOfA.setStatus('down');
    a.mount.publish('news', event(1));
    a.mount.disconnect({ identity: 'nobody' });
    a.mount.leaveAll('nobody');
    await turns(5);
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
  });

  it('leaves a gap that the others see when it is up again', async () => {
    const { a, b, client, busOfA } = await faulty(() => 'deliver');
    a.mount.publish('news', event(1));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 1 });
    busOfA.setStatus('down');
    for (const number of [2, 3]) a.mount.publish('news', event(number));
    busOfA.setStatus('up');
    a.mount.publish('news', event(4));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 4 });
    expect(b.mount.stats().missed).toBe(2);
  });
});

describe('what others put on the bus', () => {
  const envelope = (changes: object) =>
    JSON.stringify({ version: 1, from: 'x', epoch: 'x.1', sequence: 1, event: event('x'), ...changes });
  const garbage = [
    '',
    'null',
    '[]',
    '"text"',
    '{',
    '{}',
    '42',
    envelope({ version: 2 }),
    envelope({ from: 5 }),
    envelope({ epoch: null }),
    envelope({ sequence: 0 }),
    envelope({ sequence: -1 }),
    envelope({ sequence: 1.5 }),
    envelope({ sequence: '1' }),
    envelope({ repeats: 'x' }),
    envelope({ repeats: 0 }),
    envelope({ sequence: 5, repeats: [3, 3] }),
    envelope({ sequence: 5, repeats: [4, 3] }),
    envelope({ event: undefined }),
  ];

  it('is ignored and counted where it is no event of ours', async () => {
    const { b, client, broker } = await faulty(() => 'deliver');
    const stranger = broker.connect('stranger');
    for (const text of garbage) await stranger.publish(news, text);
    await stranger.publish(news, envelope({ from: 'y' }));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 'x' });
    expect(b.mount.stats()).toMatchObject({ ignored: garbage.length, published: 1, missed: 0, failures: 0 });
  });

  it('is ignored and counted where the mount does not know it', async () => {
    const { b, client, broker } = await faulty(() => 'deliver', {
      decode: (value) => {
        const { rooms, data } = value as ReturnType<typeof event>;
        if (data === 'broken') throw new Error('broken');
        return Array.isArray(rooms) ? { rooms, data } : undefined;
      },
    });
    const stranger = broker.connect('stranger');
    await stranger.publish(news, envelope({ event: {} }));
    await stranger.publish(news, envelope({ event: event('broken'), sequence: 2 }));
    await stranger.publish(news, envelope({ event: event('good'), sequence: 3 }));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 'good' });
    expect(b.mount.stats()).toMatchObject({ ignored: 2, published: 1, failures: 1 });
  });

  it('does not disconnect anybody unless it says whom', async () => {
    const { b, client, broker } = await faulty(() => 'deliver');
    const stranger = broker.connect('stranger');
    const controls = [
      null,
      {},
      'disconnect',
      { kind: 'disconnect' },
      { kind: 'disconnect', target: null },
      { kind: 'disconnect', target: 'ada' },
      { kind: 'disconnect', target: {} },
      { kind: 'disconnect', target: { identity: 5 } },
      { kind: 'disconnect', target: { session: ['x'] } },
      { kind: 'leave' },
      { kind: 'leave', identity: 'ada' },
      { kind: 'leave', identity: 'ada', rooms: 'hall' },
      { kind: 'leave', identity: 'ada', rooms: [5] },
      { kind: 'reboot' },
    ];
    for (const [index, control] of controls.entries()) {
      await stranger.publish('roomcast.raw.$control', envelope({ event: control, sequence: index + 1 }));
    }
    await eventually(() => b.mount.stats().ignored === controls.length);
    expect(b.mount.stats()).toMatchObject({ sessions: 1, rooms: 1, failures: 0 });
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('begins a new count for each publisher and each of its runs', async () => {
    const { b, client, broker } = await faulty(() => 'deliver');
    const stranger = broker.connect('stranger');
    const send = (from: string, epoch: string, sequence: number) =>
      stranger.publish(news, envelope({ from, epoch, sequence, event: event(`${epoch} ${sequence}`) }));
    await send('x', 'x.1', 41);
    await send('y', 'y.1', 7);
    expect(b.mount.stats().missed).toBe(0);
    await send('x', 'x.1', 42);
    // A new run counts from 1: two of its events are missing.
    await send('x', 'x.2', 3);
    await send('y', 'y.1', 8);
    for (const text of ['x.1 41', 'y.1 7', 'x.1 42', 'x.2 3', 'y.1 8']) {
      expect(await client.nextJson()).toEqual({ t: 'event', data: text });
    }
    expect(b.mount.stats()).toMatchObject({ missed: 2, ignored: 0 });
  });
});

describe('instances that are told whom to let go', () => {
  async function pair(options: RawServerOptions = {}) {
    const broker = new MemoryBroker();
    const a = await rawServer({ ...options, engine: { bus: broker.connect() } });
    const b = await rawServer({ ...options, engine: { bus: broker.connect() } });
    await Promise.all([a.engine.ready(), b.engine.ready()]);
    return { a, b };
  }

  it('disconnect an identity everywhere', async () => {
    const { a, b } = await pair();
    const [near, far, other] = [await a.client('id=ada'), await b.client('id=ada'), await b.client('id=bob')];
    expect(a.mount.disconnect({ identity: 'ada' })).toBe(1);
    for (const client of [near, far]) expect((await client.waitForClose()).code).toBe(1008);
    expect(await ask(other, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('disconnect a session that is on another instance', async () => {
    const { a, b } = await pair();
    const far = await b.client();
    expect(a.mount.disconnect({ session: b.session().id })).toBe(0);
    expect((await far.waitForClose()).code).toBe(1008);
  });

  it('take an identity out of rooms everywhere', async () => {
    const { a, b } = await pair();
    const [near, far] = [await a.client('id=ada'), await b.client('id=ada')];
    for (const client of [near, far]) for (const room of ['hall', 'yard']) await ask(client, { t: 'join', room });
    a.mount.leaveAll('ada', ['hall']);
    expect([...a.session().rooms]).toEqual(['yard']);
    await eventually(() => b.session().rooms.size === 1);
    expect([...b.session().rooms]).toEqual(['yard']);
    a.mount.leaveAll('ada');
    await eventually(() => b.session().rooms.size === 0);
  });
});

describe('very many events that were lost', () => {
  it('are remembered up to a bound: the oldest can no longer be made good, the newest can', () => {
    const following = new Following();
    const place = (sequence: number, repeats?: number[]) =>
      following.place({ version: 1, from: 'x', epoch: 'x.1', sequence, repeats, event: null });
    place(1);
    expect(place(5000)).toEqual({ kind: 'next', missed: 4998, isRepeat: false });
    expect(place(5001, [4999])).toEqual({ kind: 'next', missed: 0, isRepeat: false });
    expect(place(5002, [2])).toEqual({ kind: 'next', missed: 0, isRepeat: true });
    expect(place(7000)).toMatchObject({ missed: 1997 });
    expect(place(7001, [4998])).toMatchObject({ isRepeat: true });
    expect(place(7002, [6999])).toMatchObject({ isRepeat: false });
  });
});

describe('a topic that was not published to for very long', () => {
  it('is forgotten, and what comes then begins a new run instead of being taken for late', () => {
    const numbering = new Numbering('x');
    const following = new Following();
    const envelopeOf = (topic: string) => ({ version: 1 as const, from: 'x', event: null, ...numbering.next(topic) });
    expect(following.place(envelopeOf('old'))).toMatchObject({ kind: 'next', missed: 0 });
    expect(following.place(envelopeOf('old'))).toMatchObject({ kind: 'next', missed: 0 });
    for (let number = 0; number < 100_000; number++) numbering.next(`topic-${number}`);
    expect(following.place(envelopeOf('old'))).toMatchObject({ kind: 'next', missed: 0 });
    expect(following.place(envelopeOf('old'))).toMatchObject({ kind: 'next', missed: 0 });
  });
});
