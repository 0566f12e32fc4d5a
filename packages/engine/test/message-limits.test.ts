import { eventually, ManualClock, type TestClient } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { clientFrame, rawSocket } from './support/raw-socket.js';
import { ask, json, type RawServer, rawServer } from './support/raw-wire.js';

/** A server that answers each message with its length. */
function counting(options: Parameters<typeof rawServer>[0]): Promise<RawServer> {
  return rawServer({ ...options, wire: { message: (session, message) => session.reply(json(message.length)) } });
}

async function closedWith(server: RawServer, client: TestClient, code: number): Promise<void> {
  expect((await client.waitForClose()).code).toBe(code);
  await eventually(() => server.mount.stats().closed[code] === 1);
  expect(server.mount.stats().closed).toEqual({ [code]: 1 });
  expect(server.engine.stats().sessions).toBe(0);
}

describe('the size of a message', () => {
  const maxFrameBytes = 1000;

  it.each([
    ['text', (size: number) => 'x'.repeat(size)],
    ['binary', (size: number) => Buffer.alloc(size)],
  ])('is limited for %s: the limit and one byte less get through', async (_kind, make) => {
    const server = await counting({ maxFrameBytes });
    const client = await server.client();
    for (const size of [maxFrameBytes - 1, maxFrameBytes]) expect(await ask(client, make(size))).toBe(size);
    client.send(make(maxFrameBytes + 1));
    await closedWith(server, client, 1009);
  });

  it('is counted in bytes, over all its fragments', async () => {
    const server = await counting({ maxFrameBytes });
    const client = await server.client();
    const part = 'ä'.repeat(maxFrameBytes / 4);
    client.socket.send(part, { fin: false });
    client.socket.send(part, { fin: true });
    expect(await client.nextJson()).toBe(maxFrameBytes / 2);
    client.socket.send(part, { fin: false });
    client.socket.send(`${part}x`, { fin: true });
    await closedWith(server, client, 1009);
  });

  it('is refused by its header, before the bytes have come', async () => {
    const server = await counting({ maxFrameBytes });
    const socket = rawSocket({ port: server.port });
    await eventually(() => socket.status === 101);
    socket.write(clientFrame(1, 'x'.repeat(70_000)).subarray(0, 20));
    await eventually(() => socket.frames.length === 1);
    expect(socket.frames[0]).toMatchObject({ opcode: 8 });
    expect(socket.frames[0]?.payload.readUInt16BE(0)).toBe(1009);
  });
});

describe('the fragments of a message', () => {
  const maxFragments = 5;
  const send = (client: TestClient, fragments: number) => {
    for (let sent = 1; sent < fragments; sent++) client.socket.send('x', { fin: false });
    client.socket.send('x', { fin: true });
  };

  it('are limited: the limit and one less get through', async () => {
    const server = await counting({ maxFragments });
    const client = await server.client();
    for (const fragments of [maxFragments - 1, maxFragments]) {
      send(client, fragments);
      expect(await client.nextJson()).toBe(fragments);
    }
    send(client, maxFragments + 1);
    await closedWith(server, client, 1008);
  });

  it('count when they are empty, too', async () => {
    const server = await counting({ maxFragments });
    const socket = rawSocket({ port: server.port });
    await eventually(() => socket.status === 101);
    socket.write(clientFrame(1, '', false));
    for (let sent = 1; sent <= maxFragments; sent++) socket.write(clientFrame(0, '', false));
    await eventually(() => socket.frames.length === 1);
    expect(socket.frames[0]?.payload.readUInt16BE(0)).toBe(1008);
  });
});

describe('what is no valid WebSocket', () => {
  it.each([
    ['text that is no UTF-8', clientFrame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['an unmasked frame', Buffer.from([0x81, 0x01, 0x78]), 1002],
    ['an unknown opcode', clientFrame(3, 'x'), 1002],
    ['a continuation of nothing', clientFrame(0, 'x'), 1002],
    ['a control frame in fragments', clientFrame(9, 'x', false), 1002],
  ])('ends the session: %s', async (_what, bytes, code) => {
    const server = await counting({});
    const socket = rawSocket({ port: server.port, early: bytes });
    await eventually(() => socket.frames.length === 1);
    expect(socket.frames[0]?.payload.readUInt16BE(0)).toBe(code);
    socket.write(clientFrame(8, Buffer.from([code >> 8, code & 255])));
    socket.socket.end();
    await eventually(() => server.mount.stats().closed[code] === 1);
  });
});

describe('the rate of messages', () => {
  it('is limited per window: the limit and one less get through', async () => {
    const clock = new ManualClock();
    const server = await counting({ engine: { clock }, maxMessages: 10, messageWindowMs: 1000 });
    const client = await server.client();
    for (let sent = 0; sent < 9; sent++) expect(await ask(client, 'x')).toBe(1);
    expect(await ask(client, 'x')).toBe(1);
    client.send('x');
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'too many messages' });
    await eventually(() => server.mount.stats().closed[1008] === 1);
    expect(server.mount.stats().received).toBe(11);
    expect(server.logger.text).toContain('too many messages');
  });

  it('allows as many again when the window has passed', async () => {
    const clock = new ManualClock();
    const server = await counting({ engine: { clock }, maxMessages: 10, messageWindowMs: 1000 });
    const client = await server.client();
    for (let round = 0; round < 3; round++) {
      for (let sent = 0; sent < 10; sent++) expect(await ask(client, 'x')).toBe(1);
      await clock.advance(2000);
    }
  });

  it('slides: what was sent a window ago is free again, and no more', async () => {
    const clock = new ManualClock();
    const server = await counting({ engine: { clock }, maxMessages: 10, messageWindowMs: 1000 });
    const client = await server.client();
    for (let sent = 0; sent < 5; sent++) expect(await ask(client, 'x')).toBe(1);
    await clock.advance(500);
    for (let sent = 0; sent < 5; sent++) expect(await ask(client, 'x')).toBe(1);
    await clock.advance(520);
    for (let sent = 0; sent < 5; sent++) expect(await ask(client, 'x')).toBe(1);
    client.send('x');
    expect((await client.waitForClose()).code).toBe(1008);
  });

  it('is each connection’s own, and 0 means none', async () => {
    const clock = new ManualClock();
    const server = await counting({ engine: { clock }, maxMessages: 3 });
    const one = await server.client('name=one');
    const two = await server.client('name=two');
    server.session('two').maxMessages = 0;
    for (let sent = 0; sent < 3; sent++) expect(await ask(one, 'x')).toBe(1);
    for (let sent = 0; sent < 50; sent++) expect(await ask(two, 'x')).toBe(1);
    one.send('x');
    expect((await one.waitForClose()).code).toBe(1008);
    expect(await ask(two, 'x')).toBe(1);
  });
});

describe('the rooms of a connection', () => {
  it('are limited: the limit and one less are joined, one more is refused and the session goes on', async () => {
    const server = await rawServer({ maxRooms: 3 });
    const client = await server.client();
    for (const room of ['a', 'b', 'c']) expect(await ask(client, { t: 'join', room })).toEqual({ t: 'joined', room });
    expect(await ask(client, { t: 'join', room: 'd' })).toEqual({ t: 'limit', room: 'd', limit: 3 });
    expect(await ask(client, { t: 'join', room: 'a' })).toEqual({ t: 'joined', room: 'a' });
    await ask(client, { t: 'leave', room: 'b' });
    expect(await ask(client, { t: 'join', room: 'd' })).toEqual({ t: 'joined', room: 'd' });
    expect([...server.session().rooms].sort()).toEqual(['a', 'c', 'd']);
    expect(server.mount.stats().rooms).toBe(3);
  });

  it('that the server assigns do not count', async () => {
    const server = await rawServer({ maxRooms: 1 });
    const client = await server.client();
    for (const room of ['x', 'y', 'z']) {
      expect(await ask(client, { t: 'join', room, assigned: true })).toEqual({ t: 'joined', room });
    }
    expect(await ask(client, { t: 'join', room: 'a' })).toEqual({ t: 'joined', room: 'a' });
    expect(await ask(client, { t: 'join', room: 'b' })).toMatchObject({ t: 'limit' });
    await ask(client, { t: 'leave', room: 'x' });
    expect(await ask(client, { t: 'join', room: 'b' })).toMatchObject({ t: 'limit' });
  });
});

describe('a client that floods with pings', () => {
  it('is cut off before the answers it does not read fill the memory, and others are served on', async () => {
    const server = await rawServer();
    const other = await server.client();
    const socket = rawSocket({ port: server.port });
    await eventually(() => socket.status === 101);
    socket.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => clientFrame(9, Buffer.alloc(125))));
    const [, stream] = server.sockets;
    let most = 0;
    await eventually(() => {
      socket.write(pings);
      most = Math.max(most, stream?.writableLength ?? 0);
      return server.closes.length > 0;
    });
    expect(most).toBeLessThan(1024 * 1024);
    expect(await ask(other, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    expect(server.engine.stats().sessions).toBe(1);
  });

  it('at a pace that is answered is served', async () => {
    const server = await rawServer();
    const client = await server.client();
    let pongs = 0;
    client.socket.on('pong', () => pongs++);
    for (let sent = 1; sent <= 100; sent++) {
      client.socket.ping('x'.repeat(125));
      await eventually(() => pongs === sent);
    }
    expect(server.closes).toEqual([]);
  });
});
