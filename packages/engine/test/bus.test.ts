import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { type Bus, type Engine, MemoryBroker } from '../src/index.js';
import { GatedBus } from './support/buses.js';
import { ask, type RawServerOptions, rawServer } from './support/raw-wire.js';

const news = 'roomcast.raw.news';
const event = (data: unknown) => ({ rooms: ['hall'], data });

/** Two instances on one broker. */
async function pair(options: RawServerOptions = {}) {
  const broker = new MemoryBroker();
  const instance = (bus: Bus) => rawServer({ ...options, engine: { bus, ...options.engine } });
  const [a, b] = [await instance(broker.connect('a')), await instance(broker.connect('b'))];
  await Promise.all([a.engine.ready(), b.engine.ready()]);
  return { broker, a, b };
}

/** A server behind a bus whose subscriptions to rooms' topics have to wait. */
type RawServer = Awaited<ReturnType<typeof rawServer>>;

async function gated(options: RawServerOptions = {}) {
  const broker = new MemoryBroker();
  const bus = new GatedBus(broker.connect('gated'));
  bus.gated = (topic) => topic === news;
  const clock = new ManualClock();
  const server = await rawServer({ ...options, engine: { bus, clock, ...options.engine } });
  await server.engine.ready();
  return { broker, bus, clock, server };
}

const joinNews = { t: 'join', room: 'hall', topic: 'news' };

describe('an event that is published on one instance', () => {
  it('reaches the sessions of the other once, in order', async () => {
    const { a, b } = await pair();
    const far = [await b.client(), await b.client()];
    for (const client of far) await ask(client, joinNews);
    for (let number = 0; number < 50; number++) a.mount.publish('news', event(number));
    for (const client of far) {
      for (let number = 0; number < 50; number++) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
      expect(await ask(client, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
    }
    expect(b.mount.stats()).toMatchObject({ published: 50, missed: 0, ignored: 0 });
  });

  it('is delivered on that one at once, without waiting for the bus, and once', async () => {
    const { a, b } = await pair();
    const near = await a.client();
    await ask(near, joinNews);
    const spread = a.mount.publish('news', event(1));
    expect(a.mount.stats()).toMatchObject({ published: 1, delivered: 1 });
    await spread.done;
    await turns(5);
    expect(await near.nextJson()).toEqual({ t: 'event', data: 1 });
    expect(await ask(near, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
    expect(a.mount.stats()).toMatchObject({ published: 1, delivered: 1, ignored: 0 });
    expect(b.mount.stats().published).toBe(0);
  });

  it('does not reach instances that nobody there wants it for', async () => {
    const { a, b } = await pair();
    const client = await b.client();
    await ask(client, { t: 'join', room: 'hall', topic: 'weather' });
    await a.mount.publish('news', event(1)).done;
    await turns(5);
    expect(b.mount.stats().published).toBe(0);
  });

  it('reaches an instance that follows its topic without a session', async () => {
    const { a, b } = await pair();
    await b.mount.follow('news');
    a.mount.publish('news', event(1));
    await eventually(() => b.mount.stats().published === 1);
  });

  it('arrives in order with those that the other publishes', async () => {
    const { a, b } = await pair();
    const client = await a.client();
    await ask(client, joinNews);
    for (let number = 0; number < 20; number++) {
      (number % 2 === 0 ? a : b).mount.publish('news', event(number));
      await turns(2);
    }
    for (let number = 0; number < 20; number++) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
  });

  it('is not taken for another one when the bus brings it back', async () => {
    const broker = new MemoryBroker();
    const server = await rawServer({ engine: { bus: broker.connect() } });
    const mirror = broker.connect();
    await mirror.subscribe(news, (text) => void mirror.publish(news, text));
    const client = await server.client();
    await ask(client, joinNews);
    for (let number = 0; number < 3; number++) server.mount.publish('news', event(number));
    await turns(10);
    for (let number = 0; number < 3; number++) expect(await client.nextJson()).toEqual({ t: 'event', data: number });
    expect(await ask(client, { t: 'echo', data: 'end' })).toEqual({ t: 'echo', data: 'end' });
    expect(server.mount.stats()).toMatchObject({ published: 3, ignored: 0, missed: 0 });
  });

  it('stays within its instance, with nothing to wait for, where there is no bus', async () => {
    const server = await rawServer();
    const spread = server.mount.publish('news', event(1));
    await spread.done;
    await spread.retry();
    await server.engine.ready();
    expect(server.mount.stats().published).toBe(1);
    expect(server.engine.stats()).toMatchObject({ bus: 'up', members: 1 });
  });
});

describe('a join', () => {
  it('is acknowledged when the room’s events arrive here, and not before', async () => {
    const { broker, bus, server } = await gated();
    const other = await rawServer({ engine: { bus: broker.connect('other') } });
    const client = await server.client();
    client.send(joinNews);
    await eventually(() => bus.waiting.length === 1);
    await turns(10);
    expect(client.received).toEqual([]);
    expect(server.mount.stats().rooms).toBe(0);
    bus.waiting[0]?.admit();
    expect(await client.nextJson()).toEqual({ t: 'joined', room: 'hall' });
    other.mount.publish('news', event('first'));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 'first' });
  });

  it('of a second member does not wait, and both share one subscription', async () => {
    const { bus, server } = await gated();
    const clients = [await server.client(), await server.client()];
    for (const client of clients) client.send(joinNews);
    await eventually(() => server.mount.stats().received === 2);
    expect(bus.waiting).toHaveLength(1);
    bus.waiting[0]?.admit();
    for (const client of clients) expect(await client.nextJson()).toEqual({ t: 'joined', room: 'hall' });
    const third = await server.client();
    expect(await ask(third, joinNews)).toEqual({ t: 'joined', room: 'hall' });
    expect(bus.subscribed.filter((topic) => topic === news)).toHaveLength(1);
  });

  it('of a session that closes while it waits comes to nothing, and its want is given back', async () => {
    const { bus, clock, server } = await gated();
    const client = await server.client();
    const session = server.session();
    const joining = session.join('hall', { topic: 'news' });
    await eventually(() => bus.waiting.length === 1);
    await client.close();
    await eventually(() => session.state === 'closed');
    bus.waiting[0]?.admit();
    expect(await joining).toBe(false);
    expect(server.mount.stats().rooms).toBe(0);
    await clock.advance(15_000);
    expect(bus.unsubscribed).toEqual([news]);
  });

  it('that the bus refuses ends its session, and the next one asks again', async () => {
    const { bus, server } = await gated();
    const unlucky = await server.client();
    unlucky.send(joinNews);
    await eventually(() => bus.waiting.length === 1);
    bus.waiting[0]?.refuse();
    expect((await unlucky.waitForClose()).code).toBe(1011);
    const next = await server.client();
    next.send(joinNews);
    await eventually(() => bus.waiting.length === 2);
    bus.waiting[1]?.admit();
    expect(await next.nextJson()).toEqual({ t: 'joined', room: 'hall' });
  });

  it('counts against the limit when its turn comes: many at once do not get past it', async () => {
    const { bus, server } = await gated({ maxRooms: 2 });
    await server.client();
    const session = server.session();
    const joins = Promise.allSettled(['a', 'b', 'c', 'd', 'b'].map((room) => session.join(room, { topic: 'news' })));
    await eventually(() => bus.waiting.length === 1);
    bus.waiting[0]?.admit();
    const outcomes = await joins;
    expect([...session.rooms]).toEqual(['a', 'b']);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : outcome.value))).toEqual([
      true,
      true,
      'RoomLimitError',
      'RoomLimitError',
      true,
    ]);
  });
});

describe('a join that waits for its topic', () => {
  it.each([
    ['leave', (server: RawServer) => void server.session().leave('hall')],
    ['leaveAll', (server: RawServer) => server.mount.leaveAll('ada')],
    ['leaveAll with the room', (server: RawServer) => server.mount.leaveAll('ada', ['hall'])],
    ['recheck', (server: RawServer) => server.mount.recheck(() => false)],
  ])('is undone by %s', async (_name, leave) => {
    const { bus, server } = await gated();
    await server.client('id=ada');
    const joined = server.session().join('hall', { topic: 'news' });
    await eventually(() => bus.waiting.length === 1);
    leave(server);
    bus.waiting[0]?.admit();
    expect(await joined).toBe(false);
    expect(server.session().rooms.size).toBe(0);
  });

  it('asked for once more after it was undone, is done', async () => {
    const { bus, server } = await gated();
    await server.client();
    const first = server.session().join('hall', { topic: 'news' });
    await eventually(() => bus.waiting.length === 1);
    server.session().leave('hall');
    const second = server.session().join('hall', { topic: 'news' });
    bus.waiting[0]?.admit();
    await Promise.all([first, second]);
    expect([...server.session().rooms]).toEqual(['hall']);
  });
});

describe('the subscription to a topic', () => {
  it('is given up a while after the last member of its last room has left', async () => {
    const { bus, clock, server } = await gated();
    bus.gated = () => false;
    const client = await server.client();
    const other = await server.client();
    const topics = server.mount.stats().topics;
    await ask(client, joinNews);
    await ask(other, joinNews);
    await ask(client, { t: 'join', room: 'yard', topic: 'news' });
    await ask(other, { t: 'leave', room: 'hall' });
    expect(server.mount.stats().topics).toBe(topics + 1);
    await ask(client, { t: 'leave', room: 'hall' });
    await clock.advance(60_000);
    expect(bus.unsubscribed).toEqual([]);
    await ask(client, { t: 'leave', room: 'yard' });
    await clock.advance(14_999);
    expect(bus.unsubscribed).toEqual([]);
    await clock.advance(1);
    expect(bus.unsubscribed).toEqual([news]);
    expect(server.mount.stats().topics).toBe(topics);
  });

  it('stands for whoever comes back in that while', async () => {
    const { bus, clock, server } = await gated();
    bus.gated = () => false;
    const client = await server.client();
    await ask(client, joinNews);
    await client.close();
    await eventually(() => server.mount.sessions.size === 0);
    await clock.advance(10_000);
    const again = await server.client();
    await ask(again, joinNews);
    await clock.advance(60_000);
    expect(bus.unsubscribed).toEqual([]);
    expect(bus.subscribed.filter((topic) => topic === news)).toHaveLength(1);
    expect(server.mount.stats().rooms).toBe(1);
  });

  it('is made anew for whoever comes later', async () => {
    const { broker, bus, clock, server } = await gated();
    bus.gated = () => false;
    const other = await rawServer({ engine: { bus: broker.connect('other') } });
    const client = await server.client();
    await ask(client, joinNews);
    other.mount.publish('news', event(1));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 1 });
    await ask(client, { t: 'leave', room: 'hall' });
    await clock.advance(15_000);
    for (let number = 2; number < 6; number++) other.mount.publish('news', event(number));
    await ask(client, joinNews);
    other.mount.publish('news', event(6));
    expect(await client.nextJson()).toEqual({ t: 'event', data: 6 });
    // What was published while nobody wanted it is no loss.
    expect(server.mount.stats().missed).toBe(0);
  });

  it('that is asked for and given up at once is not left standing', async () => {
    const { bus, clock, server } = await gated({ engine: { topicLingerMs: 0 } });
    const client = await server.client();
    const session = server.session();
    const joining = session.join('hall', { topic: 'news' });
    await eventually(() => bus.waiting.length === 1);
    await server.engine.close();
    await client.waitForClose();
    bus.waiting[0]?.admit();
    expect(await joining).toBe(false);
    await clock.advance(1);
    expect(bus.unsubscribed).toContain(news);
  });
});

describe('readiness', () => {
  /** What this instance alone is told, what all hear, and what its mount is told. */
  const topicsOf = ({ instance }: Engine) => [
    `roomcast.$cluster.${instance}`,
    'roomcast.$cluster',
    'roomcast.raw.$control',
  ];

  it('waits until the instance hears the others, and what they tell its mounts', async () => {
    const bus = new GatedBus(new MemoryBroker().connect());
    bus.gated = () => true;
    const server = await rawServer({ engine: { bus } });
    let ready = false;
    const waiting = server.engine.ready().then(() => {
      ready = true;
    });
    for (const topic of topicsOf(server.engine)) {
      const asked = await eventually(() => bus.waiting.find((one) => one.topic === topic));
      expect(ready).toBe(false);
      asked.admit();
      await turns(5);
    }
    await waiting;
  });

  it('is denied with the reason when the bus refuses, and asked for again the next time', async () => {
    const bus = new GatedBus(new MemoryBroker().connect());
    bus.gated = () => true;
    const server = await rawServer({ engine: { bus } });
    const denied = expect(server.engine.ready()).rejects.toMatchObject({ name: 'BusDownError' });
    await eventually(() => bus.waiting.length === 2);
    for (const { refuse } of bus.waiting) refuse();
    await denied;
    bus.gated = () => false;
    await server.engine.ready();
    expect(bus.subscribed.sort()).toEqual(topicsOf(server.engine).sort());
  });

  it('comes with the bus, however late that is and though nobody asks, for the topics that are followed as well', async () => {
    const memory = new MemoryBroker().connect();
    const bus = new GatedBus(memory);
    bus.gated = () => true;
    const server = await rawServer({ engine: { bus } });
    const denied = [server.mount.follow('news'), server.engine.ready()].map((ready) =>
      expect(ready).rejects.toMatchObject({ name: 'BusDownError' }),
    );
    await eventually(() => bus.waiting.length === 3);
    for (const { refuse } of bus.waiting) refuse();
    await Promise.all(denied);
    bus.gated = () => false;
    memory.setStatus('down');
    memory.setStatus('up');
    await turns(10);
    expect(bus.subscribed.sort()).toEqual([...topicsOf(server.engine), news].sort());
    await server.engine.ready();
    await server.mount.follow('news');
    expect(bus.subscribed).toHaveLength(4);
  });
});
