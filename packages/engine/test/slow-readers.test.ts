import { eventually, ManualClock, type TestClient, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { DeliveryClass } from '../src/index.js';
import { rawSocket } from './support/raw-socket.js';
import { ask, json, type RawServer, type RawServerOptions, rawServer } from './support/raw-wire.js';
import { block, isFiller } from './support/slow-reader.js';

const maxQueuedBytes = 300_000;
/** An event of about ten kilobytes. */
const event = (number: number) => ({ t: 'event', number, padding: 'x'.repeat(10_000) });
const eventBytes = json(event(10)).length;
/** More than fit beside the frame that the socket holds. */
const many = Math.ceil(maxQueuedBytes / eventBytes) + 10;

/** A client that has stopped reading, with its socket blocked, beside one that reads. Both are in the hall. */
async function stalled(options: RawServerOptions = {}) {
  const server = await rawServer({
    maxQueuedBytes,
    ...options,
    engine: { clock: new ManualClock(), ...options.engine },
  });
  const client = await server.client('name=slow');
  const other = await server.client('name=quick');
  for (const member of [client, other]) await ask(member, { t: 'join', room: 'hall' });
  client.socket.pause();
  const session = server.session('slow');
  const fillers = await block(server, session);
  return { server, client, other, session, fillers };
}

function publish(server: RawServer, value: unknown, deliveryClass: DeliveryClass, key?: string): void {
  server.mount.deliver(
    { rooms: ['hall'] },
    { encode: () => json(value), deliveryClass, ...(key === undefined ? {} : { key }) },
  );
}

/** Everything but the fillers that a client gets until it is sent `last`. */
async function readUntil(client: TestClient, last: unknown): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (;;) {
    const message = await client.nextJson();
    if (JSON.stringify(message) === JSON.stringify(last)) return seen;
    if (!isFiller(message)) seen.push(message);
  }
}

const numbers = (seen: unknown[]) => seen.map((message) => (message as { number: number }).number);

describe('a session that reads too slowly', () => {
  it('is closed with 1013 when what must be delivered does not fit, and nobody else notices', async () => {
    const { server, client, other } = await stalled();
    for (let number = 0; number < many; number++) {
      publish(server, event(number), 'must');
      expect(await other.nextJson()).toEqual(event(number));
    }
    expect(server.engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0 });
    client.socket.resume();
    expect(await client.waitForClose()).toEqual({ code: 1013, reason: 'reading too slowly' });
    expect(client.received.every((message) => isFiller(JSON.parse(String(message))))).toBe(true);
    await eventually(() => server.mount.stats().closed[1013] === 1);
    expect(server.logger.lines.filter(({ message }) => message.includes('too slowly'))).toHaveLength(1);
    expect(await ask(other, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('gets everything, in order, when it reads again in time', async () => {
    const { server, client, session } = await stalled();
    expect(server.engine.stats()).toMatchObject({ blockedSessions: 1 });
    for (let number = 0; number < 20; number++) publish(server, event(number), 'must');
    expect(session.queuedBytes).toBeGreaterThan(20 * 10_000);
    expect(session.queuedBytes).toBeLessThanOrEqual(maxQueuedBytes);
    expect(server.engine.stats().queuedBytes).toBe(session.queuedBytes);
    session.reply(json('end'));
    client.socket.resume();
    expect(numbers(await readUntil(client, 'end'))).toEqual(Array.from({ length: 20 }, (_, number) => number));
    await eventually(() => server.engine.stats().blockedSessions === 0);
    expect(server.engine.stats().queuedBytes).toBe(0);
    expect(session.queuedBytes).toBe(0);
    expect(server.mount.stats().dropped).toBe(0);
  });

  it('loses the oldest of what may be dropped, and stays', async () => {
    const { server, client, session } = await stalled();
    for (let number = 0; number < 3 * many; number++) publish(server, event(number), 'drop-oldest');
    expect(session.queuedBytes).toBeLessThanOrEqual(maxQueuedBytes);
    session.reply(json('end'));
    client.socket.resume();
    const seen = numbers(await readUntil(client, 'end'));
    expect(seen.length).toBeGreaterThan(10);
    // The newest are all there: what is missing is missing at the beginning.
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => 3 * many - seen.length + index));
    expect(server.mount.stats().dropped).toBe(3 * many - seen.length);
    expect(server.closes).toEqual([]);
  });

  it('loses nothing that must be delivered to what may be dropped', async () => {
    const { server, client, session } = await stalled();
    for (let number = 0; number < 3 * many; number++) {
      publish(server, number % 20 === 0 ? { number } : event(number), number % 20 === 0 ? 'must' : 'drop-oldest');
    }
    session.reply(json('end'));
    client.socket.resume();
    const seen = numbers(await readUntil(client, 'end'));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const musts = seen.filter((number) => number % 20 === 0);
    expect(musts).toEqual(Array.from({ length: Math.ceil((3 * many) / 20) }, (_, index) => index * 20));
    expect(server.closes).toEqual([]);
  });

  it('gets only the latest for each key, and what has none in full', async () => {
    const { server, client, session } = await stalled();
    for (let number = 0; number < 3 * many; number++) publish(server, event(number), 'latest', `key-${number % 3}`);
    expect(session.queuedBytes).toBeLessThan(100_000);
    publish(server, { number: 'must' }, 'must', 'key-0');
    publish(server, { number: 'a' }, 'latest', 'key-1');
    session.reply(json('end'));
    client.socket.resume();
    const last = 3 * many;
    expect(numbers(await readUntil(client, 'end'))).toEqual([last - 3, last - 1, 'must', 'a']);
    expect(server.mount.stats().dropped).toBe(3 * many - 3 + 1);
  });

  it('is closed when even the latest of every key is too much', async () => {
    const { server, client } = await stalled();
    for (let number = 0; number < many; number++) publish(server, event(number), 'latest', `key-${number}`);
    client.socket.resume();
    expect((await client.waitForClose()).code).toBe(1013);
  });

  it('is closed by too many replies, too', async () => {
    const { client, session } = await stalled();
    for (let number = 0; number < many; number++) session.reply(json(event(number)));
    client.socket.resume();
    expect((await client.waitForClose()).code).toBe(1013);
  });

  it('may send a farewell of any size without a second one', async () => {
    const situations: string[] = [];
    const { server, client } = await stalled({
      wire: {
        farewell: (session, situation) => {
          situations.push(situation);
          for (let number = 0; number < many; number++) session.send(json(event(number)));
          return { code: 4013, reason: 'slow' };
        },
      },
    });
    for (let number = 0; number < many; number++) publish(server, event(number), 'must');
    client.socket.resume();
    expect(await client.waitForClose()).toEqual({ code: 4013, reason: 'slow' });
    expect(situations).toEqual(['slow']);
    expect(server.engine.stats().queuedBytes).toBe(0);
  });

  it('that is told goodbye meanwhile gets what is queued, and then the close', async () => {
    const { server, client, session } = await stalled();
    for (let number = 0; number < 5; number++) publish(server, event(number), 'must');
    session.close({ code: 4000, reason: 'bye' });
    publish(server, event(99), 'must');
    client.socket.resume();
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'bye' });
    const seen = client.received.map((message) => JSON.parse(String(message))).filter((message) => !isFiller(message));
    expect(numbers(seen)).toEqual([0, 1, 2, 3, 4]);
  });

  it('that goes away gives its bytes back', async () => {
    const { server, client } = await stalled();
    for (let number = 0; number < 5; number++) publish(server, event(number), 'must');
    expect(server.engine.stats().queuedBytes).toBeGreaterThan(0);
    client.socket.terminate();
    await eventually(() => server.closes.length === 1);
    expect(server.engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0, sessions: 1 });
  });

  it('that never reads again is cut off a while after its close', async () => {
    const clock = new ManualClock();
    const { server, session } = await stalled({ engine: { clock } });
    publish(server, event(1), 'must');
    session.close({ code: 4000, reason: 'bye' });
    await clock.advance(4000);
    expect(server.engine.stats().sessions).toBe(2);
    await clock.advance(2000);
    await eventually(() => server.engine.stats().sessions === 1);
    expect(server.closes).toEqual([{ code: 4000, reason: 'bye' }]);
    expect(server.engine.stats().queuedBytes).toBe(0);
  });

  it('gets whole frames only, a close at their end and nothing behind it', async () => {
    const server = await rawServer({ maxQueuedBytes, engine: { clock: new ManualClock() } });
    const socket = rawSocket({ port: server.port, path: '/raw?name=slow' });
    await eventually(() => socket.status === 101);
    socket.socket.pause();
    const session = server.session('slow');
    const fillers = await block(server, session);
    for (let number = 0; number < many; number++) session.send(json(event(number)));
    session.send(json('after'));
    socket.socket.resume();
    await eventually(() => socket.frames.at(-1)?.opcode === 8);
    await turns(20);
    const { frames } = socket;
    expect(frames.map(({ opcode }) => opcode)).toEqual([...Array(fillers).fill(1), 8]);
    expect(frames.at(-1)?.payload.readUInt16BE(0)).toBe(1013);
    const framed = frames.reduce(
      (sum, { payload: { length } }) => sum + length + (length < 126 ? 2 : length < 65_536 ? 4 : 10),
      0,
    );
    expect(socket.body.length).toBe(framed);
  });
});

describe('a queue that is empty', () => {
  it('admits one frame of any size', async () => {
    const server = await rawServer({ maxQueuedBytes: 1000 });
    const client = await server.client();
    client.socket.pause();
    const huge = 'x'.repeat(8 * 1024 * 1024);
    server.session().send(json(huge));
    await eventually(() => server.engine.stats().blockedSessions === 1);
    client.socket.resume();
    expect(await client.nextJson()).toBe(huge);
    await eventually(() => server.engine.stats().queuedBytes === 0);
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });
});

describe('a burst in one tick', () => {
  it('of more than a session may queue is no slow reading where the client reads', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    const padding = 'x'.repeat(12_000);
    const count = 110;
    for (let number = 0; number < count; number++) publish(server, { number, padding }, 'must');
    expect(count * padding.length).toBeGreaterThan(1.2 * 1024 * 1024);
    for (let number = 0; number < count; number++) expect(await client.nextJson()).toMatchObject({ number });
    expect(server.closes).toEqual([]);
  });

  it('of more than a session may queue ends one that does not read, once', async () => {
    const { server, client, session } = await stalled();
    // The queue of one tick goes to the backlog as one: the frames after the one too many must not be kept.
    for (let number = 0; number < 5 * many; number++) session.send(json(event(number)));
    expect(server.engine.stats().queuedBytes).toBe(0);
    client.socket.resume();
    expect((await client.waitForClose()).code).toBe(1013);
    expect(server.logger.lines).toHaveLength(1);
  });

  it('to a client that has just stopped reading keeps nothing beyond its close', async () => {
    const server = await rawServer({ maxQueuedBytes, engine: { clock: new ManualClock() } });
    const client = await server.client();
    client.socket.pause();
    const session = server.session();
    const frame = json(event(0));
    // So many that the kernel cannot take them all, in one tick and through one flush.
    for (let number = 0; number < 4000; number++) session.send(frame);
    await turns(2);
    expect(session.state).toBe('closing');
    expect(server.engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0 });
    expect(server.logger.lines).toHaveLength(1);
    client.socket.resume();
    expect((await client.waitForClose()).code).toBe(1013);
  });
});

describe('the bytes that a process may hold for slow readers', () => {
  const total = 500_000;

  /** Sessions that do not read, each blocked. */
  async function blockedSessions(count: number, options: RawServerOptions = {}) {
    const server = await rawServer({
      ...options,
      engine: { maxQueuedBytesTotal: total, clock: new ManualClock(), ...options.engine },
    });
    const clients: TestClient[] = [];
    for (let number = 0; number < count; number++) {
      const client = await server.client(`name=${number}`);
      await ask(client, { t: 'join', room: 'hall' });
      client.socket.pause();
      clients.push(client);
      await block(server, server.session(String(number)));
    }
    return { server, clients };
  }

  it('are counted once for a frame that several of them wait for', async () => {
    const { server } = await blockedSessions(4);
    const before = server.engine.stats().queuedBytes;
    publish(server, event(1), 'must');
    expect(server.engine.stats().queuedBytes).toBe(before + json(event(1)).length);
    for (const session of [...server.mount.sessions].slice(0, 3)) session.terminate();
    await eventually(() => server.engine.stats().sessions === 1);
    const [last] = server.mount.sessions;
    expect(server.engine.stats().queuedBytes).toBe(last?.queuedBytes);
  });

  it('cost the slowest session its place when they are too many, and no other', async () => {
    const { server, clients } = await blockedSessions(3);
    const send = (name: string, count: number) => {
      for (let number = 0; number < count; number++) server.session(name).send(json(event(number)));
    };
    send('0', 10);
    send('1', 25);
    send('2', 10);
    expect(server.engine.stats().sessions).toBe(3);
    expect(server.closes).toEqual([]);
    send('2', 5);
    expect([...server.mount.sessions].map(({ state }) => state)).toEqual(['open', 'closing', 'open']);
    expect(server.engine.stats().queuedBytes).toBeLessThan(total);
    for (const client of clients) client.socket.resume();
    expect((await clients[1]?.waitForClose())?.code).toBe(1013);
    for (const client of [clients[0], clients[2]]) {
      client?.send({ t: 'echo', data: 'still here' });
      await readUntil(client as TestClient, { t: 'echo', data: 'still here' });
    }
  });

  it('are made room for even by a session that is being closed already', async () => {
    const { server, clients } = await blockedSessions(2);
    for (let number = 0; number < 30; number++) server.session('0').send(json(event(number)));
    server.session('0').close({ code: 4000, reason: 'bye' });
    for (let number = 0; number < 20; number++) server.session('1').send(json(event(number)));
    expect(server.session('1').state).toBe('open');
    expect(server.engine.stats().queuedBytes).toBe(server.session('1').queuedBytes);
    for (const client of clients) client.socket.resume();
    expect(await clients[0]?.waitForClose()).toEqual({ code: 4000, reason: 'bye' });
  });
});
