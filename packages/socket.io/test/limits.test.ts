import { connect as connectTcp } from 'node:net';
import { eventually, ManualClock, next, openClient, turns } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Poller, rawConnected, rawSocket } from './support/raw.js';
import { collect, connected, start } from './support/servers.js';

describe('the message rate', () => {
  it.each([
    ['websocket', ['websocket']],
    ['polling', ['polling']],
  ])(
    'is the engine’s, over %s: the last that fits is handled, one more ends the connection',
    async (_name, transports) => {
      const clock = new ManualClock();
      const instance = await start({ maxMessages: 5 }, { clock });
      const { client, realtime, logger } = instance;
      const heard: unknown[] = [];
      realtime.io.on('connection', (socket) => socket.on('say', (value) => heard.push(value)));
      // Its CONNECT is the first message.
      const socket = await connected(client({ transports }));
      for (let count = 1; count <= 4; count++) socket.emit('say', count);
      await eventually(() => heard.length === 4, 'four messages');
      expect(socket.connected).toBe(true);
      await clock.advance(2000);
      for (let count = 5; count <= 9; count++) socket.emit('say', count);
      await eventually(() => heard.length === 9, 'five more');
      const reason = next(socket, 'disconnect');
      socket.emit('say', 10);
      // A client that is told so does not come back by itself.
      expect(await reason).toBe('io server disconnect');
      expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await eventually(() => realtime.mount.stats().closed[1008] === 1, 'the end');
      expect(realtime.mount.stats().received).toBe(11);
      expect(logger.text).toContain('a session sends too many messages');
    },
  );

  it('is none where it is 0', async () => {
    const { client, realtime } = await start({ maxMessages: 0 });
    let heard = 0;
    realtime.io.on('connection', (socket) => socket.on('say', () => heard++));
    const socket = await connected(client({ transports: ['websocket'] }));
    for (let count = 0; count < 500; count++) socket.emit('say');
    await eventually(() => heard === 500, 'all messages');
  });
});

describe('the size of a message', () => {
  it.each([1000, 1001])('over WebSocket, of %i bytes where 1000 are allowed', async (size) => {
    const instance = await start({ maxFrameBytes: 1000 });
    const heard: number[] = [];
    instance.realtime.io.on('connection', (socket) => socket.on('say', (text) => heard.push(text.length)));
    const client = await rawConnected(instance);
    const frame = (length: number) => `42["say","${'x'.repeat(length - 12)}"]`;
    expect(frame(size)).toHaveLength(size);
    client.send(frame(size));
    if (size === 1000) await eventually(() => heard.length === 1, 'the message');
    else expect((await client.waitForClose()).code).toBe(1009);
    expect(heard).toEqual(size === 1000 ? [988] : []);
  });

  it('over polling: 413, also where the length is not told before', async () => {
    const instance = await start({ maxFrameBytes: 1000 });
    const heard: number[] = [];
    instance.realtime.io.on('connection', (socket) => socket.on('say', (text) => heard.push(text.length)));
    const poller = await new Poller(instance).open();
    expect(await poller.post('40')).toBe(200);
    await poller.poll();
    const body = (length: number) => `42["say","${'x'.repeat(length - 12)}"]`;
    expect(await poller.post(body(1000))).toBe(200);
    expect(await poller.post(body(1001))).toBe(413);
    await eventually(() => heard.length === 1, 'the message');
    expect(heard).toEqual([988]);
    // Many packets in one body count as one body.
    expect(await poller.post(Array(400).fill('42["say",""]').join('\u001e'))).toBe(413);
  });

  it('and its fragments', async () => {
    const instance = await start({ maxFragments: 4 });
    const client = await rawConnected(instance);
    for (let index = 0; index < 4; index++) client.socket.send('42["say"', { fin: false });
    client.socket.send(']', { fin: true });
    expect((await client.waitForClose()).code).toBe(1008);
  });
});

/** A client that stops reading: what it is sent stays in the kernel, and then with the server. */
async function stalled(instance: { port: number; ws: string }) {
  const client = await rawConnected(instance);
  client.socket.pause();
  return client;
}

describe('a slow reader', () => {
  const text = 'x'.repeat(64 * 1024);

  it('over WebSocket is let go when more than the limit waits; the others get everything', async () => {
    const instance = await start({ maxQueuedBytes: 256 * 1024 });
    const { realtime, client, engine, logger } = instance;
    await stalled(instance);
    const quick = await connected(client({ transports: ['websocket'] }));
    const got = collect<string>(quick, 'news');
    let sent = 0;
    await eventually(async () => {
      realtime.io.emit('news', text);
      sent++;
      await turns(2);
      return realtime.mount.stats().closed[1013] === 1;
    }, 'the slow one is let go');
    await eventually(() => instance.tcp.size === 1, 'it is cut off, without waiting for what it does not read', 3000);
    await eventually(() => got.length === sent, 'everything for the quick one');
    expect(quick.connected).toBe(true);
    expect(logger.text).toContain('a session reads too slowly');
    await eventually(() => engine.stats().queuedBytes === 0, 'nothing waits');
    expect(engine.stats().blockedSessions).toBe(0);
  });

  it('over polling is let go as well', async () => {
    const instance = await start({ maxQueuedBytes: 256 * 1024 });
    const { realtime, engine } = instance;
    const poller = await new Poller(instance).open();
    await poller.post('40');
    await poller.poll();
    const [session] = realtime.mount.sessions;
    for (let count = 1; count <= 3; count++) realtime.io.emit('news', text);
    await turns(10);
    expect(session?.state).toBe('open');
    expect(session?.queuedBytes).toBeGreaterThan(3 * 64 * 1024);
    expect(engine.stats().queuedBytes).toBe(session?.queuedBytes);
    for (let count = 4; count <= 6; count++) realtime.io.emit('news', text);
    await eventually(() => realtime.mount.stats().closed[1013] === 1, 'it is let go');
    expect(engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0, sessions: 0 });
  });

  it('that polls and does not read the answers is one, too', async () => {
    const instance = await start({ maxQueuedBytes: 256 * 1024 });
    const { realtime, port } = instance;
    const poller = await new Poller(instance).open();
    await poller.post('40');
    await poller.poll();
    const big = 'x'.repeat(200 * 1024);
    await eventually(async () => {
      const tcp = connectTcp(port, '127.0.0.1');
      onTestFinished(() => {
        tcp.destroy();
      });
      tcp.on('error', () => {});
      tcp.pause();
      tcp.write(`GET ${poller.address.slice(poller.address.indexOf('/socket.io'))} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let count = 0; count < 30; count++) {
        realtime.io.emit('news', big);
        if (realtime.mount.sessions.size > 0) await turns(1);
      }
      return realtime.mount.stats().closed[1013] === 1;
    }, 'it is let go');
  });

  it('that polls has what it was answered counted until it has read it', async () => {
    const instance = await start({ maxQueuedBytes: 100_000_000 });
    const { realtime, engine, port } = instance;
    const poller = await new Poller(instance).open();
    await poller.post('40');
    await poller.poll();
    const tcp = connectTcp(port, '127.0.0.1').pause();
    onTestFinished(() => {
      tcp.destroy();
    });
    tcp.write(`GET ${poller.address.slice(poller.address.indexOf('/socket.io'))} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [session] = realtime.mount.sessions;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const bytes = 32 * 1024 * 1024;
    realtime.io.emit('news', 'x'.repeat(bytes));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(session?.queuedBytes).toBeGreaterThan(bytes);
    expect(engine.stats().queuedBytes).toBe(session?.queuedBytes);
    tcp.resume();
    await eventually(() => session?.queuedBytes === 0, 'it is read');
  });

  it('that has changed to WebSocket has nothing waiting once it has read it', async () => {
    const { realtime, engine, client } = await start();
    const socket = await connected(client({ transports: ['polling', 'websocket'] }));
    await eventually(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
    const got = collect(socket, 'news');
    for (let count = 0; count < 20; count++) realtime.io.emit('news', text);
    await eventually(() => got.length === 20, 'the news');
    await eventually(() => engine.stats().queuedBytes === 0, 'nothing waits');
  });

  it('gets one packet of any size, and a burst that it takes', async () => {
    const { realtime, client } = await start({ maxQueuedBytes: 64 * 1024 });
    const quick = await connected(client({ transports: ['websocket'] }));
    const got = collect<string>(quick, 'news');
    realtime.io.emit('news', 'x'.repeat(1_000_000));
    await eventually(() => got.length === 1, 'the large one');
    for (let count = 0; count < 3; count++) realtime.io.emit('news', 'x'.repeat(30 * 1024));
    await eventually(() => got.length === 4, 'the burst');
    expect(quick.connected).toBe(true);
  });

  it('of all processes’ bytes the slowest goes first, and shared packets count once', async () => {
    const instance = await start({ maxQueuedBytes: 10_000_000 }, { maxQueuedBytesTotal: 1_000_000 });
    const { realtime, engine } = instance;
    const pollers = await Promise.all([1, 2, 3].map(() => new Poller(instance).open()));
    for (const poller of pollers) {
      await poller.post('40');
      await poller.poll();
    }
    for (let count = 0; count < 10; count++) realtime.io.emit('news', text);
    // Three queues of the same ten packets.
    expect(engine.stats().queuedBytes).toBeLessThan(11 * 64 * 1024);
    expect(engine.stats().queuedBytes).toBeGreaterThan(10 * 64 * 1024);
    const [first] = realtime.io.sockets.sockets.values();
    for (let count = 0; count < 10; count++) first?.emit('news', text);
    await eventually(() => realtime.mount.stats().closed[1013] === 1, 'the slowest is let go');
    expect(first?.connected).toBe(false);
    expect(realtime.mount.stats().sessions).toBe(2);
  });
});

describe('deadlines', () => {
  it('of an identity end its connections politely, after the farewell', async () => {
    const clock = new ManualClock();
    const { client, realtime } = await start(
      {
        authenticate: () => ({ id: 'ada', expiresAt: clock.now() + 60_000 }),
        farewell: (sockets, situation) => {
          for (const socket of sockets) socket.emit('bye', situation);
        },
      },
      { clock },
    );
    const socket = await connected(client());
    const byes = collect(socket, 'bye');
    const reason = next(socket, 'disconnect');
    await clock.advance(58_000);
    expect(socket.connected).toBe(true);
    await clock.advance(3000);
    expect(await reason).toBe('io server disconnect');
    expect(byes).toEqual(['expired']);
    expect(realtime.mount.stats().closed).toEqual({ 1008: 1 });
  });

  it('of silence, where there are any, count messages and no pongs', async () => {
    const clock = new ManualClock();
    const instance = await start({ idleTimeoutMs: 30_000 }, { clock });
    const client = await rawConnected(instance);
    await clock.advance(20_000);
    client.send('42["say"]');
    await eventually(() => instance.realtime.mount.stats().received === 2, 'the message');
    await clock.advance(20_000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await clock.advance(12_000);
    await client.waitForClose();
    expect(instance.realtime.mount.stats().closed).toEqual({ 1001: 1 });
  });

  it('of an answer to a ping are Engine.IO’s', async () => {
    const instance = await start({ pingIntervalMs: 20, pingTimeoutMs: 2000 });
    const client = await rawSocket(instance);
    expect(await client.next()).toBe('2');
    await client.waitForClose();
    expect(instance.realtime.mount.stats().closed).toEqual({ 1001: 1 });
    const stays = await connected(instance.client());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(stays.connected).toBe(true);
  });

  it.each(['begun as WebSocket', 'changed to it'])('of a close: who does not answer it is cut off, %s', async (how) => {
    const clock = new ManualClock();
    const instance = await start({}, { clock });
    const tcp = connectTcp(instance.port, '127.0.0.1');
    const poller = new Poller(instance);
    if (how !== 'begun as WebSocket') await poller.open();
    const url = poller.address.replace('http', 'ws').replace('polling', 'websocket');
    const client = await openClient(url, { createConnection: () => tcp });
    if (how !== 'begun as WebSocket') client.send('2probe');
    await client.next();
    if (how !== 'begun as WebSocket') client.send('5');
    client.send('40');
    await client.next();
    const { localPort } = tcp;
    const isThere = () => [...instance.tcp].some(({ remotePort }) => remotePort === localPort);
    client.socket.pause();
    instance.realtime.io.disconnectSockets(true);
    await eventually(() => instance.realtime.mount.stats().sessions === 0, 'the session ends');
    await clock.advance(4000);
    expect(isThere()).toBe(true);
    await clock.advance(2000);
    await eventually(() => !isThere(), 'it is cut off', 3000);
  });
});

describe('the application', () => {
  it('disconnects an identity, wherever it is in', async () => {
    const { client, realtime } = await start({ authenticate: ({ handshake }) => ({ id: handshake.auth.id }) });
    realtime.io.of('/other').on('connection', () => {});
    const ada = await connected(client({ auth: { id: 'ada' } }));
    const other = await connected(client({ auth: { id: 'ada' } }, '/other'));
    const bob = await connected(client({ auth: { id: 'bob' } }));
    const reasons = [next(ada, 'disconnect'), next(other, 'disconnect')];
    expect(realtime.mount.disconnect({ identity: 'ada' })).toBe(2);
    expect(await Promise.all(reasons)).toEqual(['io server disconnect', 'io server disconnect']);
    expect(bob.connected).toBe(true);
  });

  it('takes rooms away, and has rights checked again', async () => {
    const removed: string[] = [];
    const { client, realtime } = await start({
      authenticate: ({ handshake }) => ({ id: handshake.auth.id }),
      removed: (socket, room) => removed.push(`${socket.nsp.name} ${room}`),
    });
    for (const name of ['/', '/other']) {
      realtime.io.of(name).on('connection', (socket) => {
        void socket.join(['red', 'blue']);
      });
    }
    await connected(client({ auth: { id: 'ada' } }));
    await connected(client({ auth: { id: 'ada' } }, '/other'));
    await eventually(() => realtime.mount.rooms.size === 4, 'the rooms');
    expect([...realtime.mount.rooms.entries()].map(([room]) => room).sort()).toEqual([
      '/other#blue',
      '/other#red',
      'blue',
      'red',
    ]);
    realtime.mount.leaveAll('ada', ['red']);
    expect(removed).toEqual(['/ red']);
    expect(realtime.io.sockets.adapter.rooms.has('red')).toBe(false);
    realtime.mount.recheck((session, room) => session.identity?.id !== 'ada' || room !== '/other#blue');
    expect(removed).toEqual(['/ red', '/other blue']);
    expect(realtime.io.of('/other').adapter.rooms.has('blue')).toBe(false);
    expect(realtime.mount.rooms.size).toBe(2);
  });

  it('reads in the stats what came and went', async () => {
    const { client, realtime, engine } = await start();
    realtime.io.on('connection', (socket) => {
      void socket.join('hall');
      socket.on('echo', (value, answer) => answer(value));
    });
    const [one, two] = await Promise.all([connected(client()), connected(client())]);
    await one.emitWithAck('echo', 1);
    const got = [next(one, 'news'), next(two, 'news')];
    realtime.io.to('hall').emit('news', 1);
    await Promise.all(got);
    // Two CONNECT and one event came; two answers to CONNECT, an acknowledgement and two events went.
    expect(realtime.mount.stats()).toMatchObject({ sessions: 2, rooms: 1, received: 3, delivered: 5, published: 1 });
    expect(engine.stats().mounts[0]?.opened).toBe(2);
    one.disconnect();
    two.disconnect();
    await eventually(() => realtime.mount.stats().rooms === 0, 'the rooms go');
  });
});
