import { type Bus, BusDownError, engineDefaults, MemoryBroker, Standing } from '@roomcast/engine';
import { eventually, ManualClock, next, turns } from '@roomcast/testing';
import { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { type AdapterHost, TopicAdapter } from '../src/adapter.js';
import { Poller } from './support/raw.js';
import { collect, connected, start, startCluster } from './support/servers.js';

const joinOnAsking = (instances: Awaited<ReturnType<typeof startCluster>>) => {
  for (const { realtime } of instances) {
    realtime.io.on('connection', (socket) => {
      socket.on('join', async (room: string, answer: (joined: boolean) => void) => {
        try {
          await socket.join(room);
          answer(true);
        } catch {
          answer(false);
        }
      });
      socket.on('leave', async (room: string, answer: () => void) => {
        await socket.leave(room);
        answer();
      });
    });
  }
};

/** A broker that remembers what travels. */
function watchedBroker() {
  const travelled: { topic: string; to: string; text: string }[] = [];
  const broker = new MemoryBroker({
    fate: (message) => {
      if (!message.topic.includes('$')) travelled.push(message);
      return 'deliver';
    },
  });
  return { broker, travelled };
}

describe('what is emitted to a room', () => {
  it('reaches its members on every instance, each once, and travels only to instances that have one', async () => {
    const { broker, travelled } = watchedBroker();
    const instances = await startCluster(3, {}, broker);
    joinOnAsking(instances);
    const [a, b, c] = instances as [(typeof instances)[0], (typeof instances)[0], (typeof instances)[0]];
    const here = await connected(a.client());
    const there = await connected(b.client());
    const elsewhere = await connected(c.client());
    expect(await here.emitWithAck('join', 'hall')).toBe(true);
    expect(await there.emitWithAck('join', 'hall')).toBe(true);
    const got = [here, there, elsewhere].map((socket) => collect(socket, 'news'));
    a.realtime.io.to('hall').emit('news', { n: 1 });
    b.realtime.io.to('hall').emit('news', { n: 2 });
    await eventually(() => got[0]?.length === 2 && got[1]?.length === 2, 'the news');
    await turns(5);
    // Of two publishers none is the first.
    for (const one of got.slice(0, 2)) expect(one).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }]));
    expect(got.map((one) => one.length)).toEqual([2, 2, 0]);
    expect(travelled.map(({ to }) => to).sort()).toEqual(['instance-0', 'instance-1']);
    expect(travelled.every(({ topic }) => topic.endsWith('room./.hall'))).toBe(true);
  });

  it('is known to arrive once the join is through: the topic is subscribed to before', async () => {
    const broker = new MemoryBroker();
    const instances = await startCluster(2, {}, broker);
    joinOnAsking(instances);
    const [a, b] = instances as [(typeof instances)[0], (typeof instances)[0]];
    for (let round = 0; round < 20; round++) {
      const socket = await connected(b.client({ transports: ['websocket'] }));
      const news = next(socket, 'news');
      await socket.emitWithAck('join', `room-${round}`);
      a.realtime.io.to(`room-${round}`).emit('news', round);
      expect(await news).toBe(round);
      socket.disconnect();
    }
  });

  it('is not wanted any more when the room is gone', async () => {
    const clock = new ManualClock();
    const a = await start({}, { clock, bus: new MemoryBroker().connect() });
    joinOnAsking([a]);
    const before = a.realtime.mount.topics.size;
    const one = await connected(a.client());
    const two = await connected(a.client());
    for (const socket of [one, two]) await socket.emitWithAck('join', 'hall');
    expect(a.realtime.mount.topics.size).toBe(before + 1);
    await one.emitWithAck('leave', 'hall');
    expect(a.realtime.mount.rooms.size).toBe(1);
    two.disconnect();
    await eventually(() => a.realtime.mount.rooms.size === 0, 'the room is gone');
    // It lingers, for those who come back.
    expect(a.realtime.mount.topics.size).toBe(before + 1);
    await clock.advance(engineDefaults.topicLingerMs);
    expect(a.realtime.mount.topics.size).toBe(before);
  });

  it('goes to rooms of other topics, to all and to one socket as well, leaving out whom it should', async () => {
    const instances = await startCluster(2);
    joinOnAsking(instances);
    const [a, b] = instances as [(typeof instances)[0], (typeof instances)[0]];
    const red = await connected(b.client());
    const blue = await connected(b.client());
    await red.emitWithAck('join', 'red');
    await blue.emitWithAck('join', 'blue');
    const got = [collect(red, 'news'), collect(blue, 'news')];
    a.realtime.io.to(['red', 'blue']).emit('news', 'both');
    await eventually(() => got.every((one) => one.length === 1), 'both');
    a.realtime.io.emit('news', 'all');
    await eventually(() => got.every((one) => one.length === 2), 'all');
    a.realtime.io.except('red').emit('news', 'not red');
    await eventually(() => got[1]?.length === 3, 'not red');
    a.realtime.io.to(String(red.id)).emit('news', 'you');
    await eventually(() => got[0]?.length === 3, 'you');
    a.realtime.io.volatile.emit('news', 'volatile');
    await eventually(() => got.every((one) => one.length === 4), 'volatile');
    expect(got).toEqual([
      ['both', 'all', 'you', 'volatile'],
      ['both', 'all', 'not red', 'volatile'],
    ]);
  });

  it('keeps to its namespace, and carries bytes', async () => {
    const instances = await startCluster(2);
    for (const { realtime } of instances) realtime.io.of('/other').on('connection', () => {});
    const [a, b] = instances as [(typeof instances)[0], (typeof instances)[0]];
    await Promise.all(instances.map(({ realtime }) => realtime.ready()));
    const root = await connected(b.client());
    const other = await connected(b.client({}, '/other'));
    const got = [collect(root, 'news'), collect(other, 'news')];
    const bytes = next<{ file: Buffer; name: string }>(other, 'file');
    a.realtime.io.of('/other').emit('news', 1);
    a.realtime.io.of('/other').emit('file', { file: Uint8Array.from([1, 2, 3]), name: 'x' });
    const { file, name } = await bytes;
    expect(Buffer.isBuffer(file)).toBe(true);
    expect([[...file], name]).toEqual([[1, 2, 3], 'x']);
    expect(got).toEqual([[], [1]]);
  });

  it('leaves by Socket.IO’s encoder once for all, and not at all where it can’t be written', async () => {
    const [a] = (await startCluster(2)) as [Awaited<ReturnType<typeof start>>];
    const circular: { self?: unknown } = {};
    circular.self = circular;
    await connected(a.client());
    expect(() => a.realtime.io.emit('news', circular)).toThrow(/circular|call stack/i);
    expect(() => a.realtime.io.emit('news', 5n)).toThrow(TypeError);
  });
});

describe('a room whose topic the bus refuses', () => {
  it('has no members: the join rejects, and nobody who does not look at it is harmed', async () => {
    const inner = new MemoryBroker().connect();
    let isDown = false;
    const bus: Bus = {
      get status() {
        return inner.status;
      },
      publish: (topic, text) => inner.publish(topic, text),
      subscribe: (topic, receive) =>
        isDown && topic.includes('room.') ? Promise.reject(new BusDownError()) : inner.subscribe(topic, receive),
      onStatus: (listener) => inner.onStatus(listener),
      close: () => inner.close(),
    };
    const instance = await start({}, { bus });
    joinOnAsking([instance]);
    const socket = await connected(instance.client());
    isDown = true;
    expect(await socket.emitWithAck('join', 'hall')).toBe(false);
    expect(instance.realtime.io.sockets.adapter.rooms.has('hall')).toBe(false);
    const [server] = instance.realtime.io.sockets.sockets.values();
    void server?.join('hall');
    await turns(5);
    expect(instance.realtime.mount.rooms.size).toBe(0);
    isDown = false;
    expect(await socket.emitWithAck('join', 'hall')).toBe(true);
    const news = next(socket, 'news');
    instance.realtime.io.to('hall').emit('news', 1);
    expect(await news).toBe(1);
  });
});

describe('an adapter', () => {
  it('gives back no topic that it was refused', async () => {
    const released: string[] = [];
    let refused = '';
    const host: AdapterHost = {
      instances: () => 1,
      topicOf: (room) => room,
      acquire: (topic) => (topic === refused ? Promise.reject(new BusDownError()) : Promise.resolve()),
      release: (topic) => void released.push(topic),
      stand: () => new Standing(undefined, async () => {}),
      broadcast: () => {},
      request: () => Promise.resolve(),
      answer: () => Promise.resolve(),
      joined: () => {},
      left: () => {},
    };
    const adapter = new TopicAdapter(new Server().of('/'), host);
    refused = 'room.hall';
    await expect(adapter.addAll('id', new Set(['id', 'hall', 'attic']))).rejects.toThrow(BusDownError);
    expect(released).toEqual(['room.attic']);
    await adapter.addAll('id', new Set(['attic']));
    adapter.close();
    expect(released.slice(1)).toEqual(['room.attic', 'all./', 'requests./', expect.stringMatching(/^answers\./)]);
  });
});

describe('rooms that a socket joins before it is let in', () => {
  it('are known to the engine', async () => {
    const { realtime, client } = await start({
      authenticate: (socket) => {
        void socket.join('early');
        return { id: 'ada' };
      },
    });
    await connected(client());
    expect([...realtime.mount.rooms.entries()]).toEqual([['early', 1]]);
  });
});

describe('requests between instances', () => {
  it('find, move and disconnect the sockets of all', async () => {
    const instances = await startCluster(3);
    const [a, b, c] = instances as [(typeof instances)[0], (typeof instances)[0], (typeof instances)[0]];
    const clients = await Promise.all(instances.map(({ client }) => connected(client())));
    for (const { realtime } of instances)
      for (const socket of realtime.io.sockets.sockets.values()) socket.data.is = 'here';
    const found = await a.realtime.io.fetchSockets();
    expect(found.map(({ id }) => id).sort()).toEqual(clients.map(({ id }) => id).sort());
    expect(found.map(({ data }) => data)).toEqual(Array(3).fill({ is: 'here' }));
    b.realtime.io.socketsJoin('hall');
    await eventually(
      () => instances.every(({ realtime }) => realtime.io.sockets.adapter.rooms.has('hall')),
      'the joins',
    );
    expect(await c.realtime.io.in('hall').fetchSockets()).toHaveLength(3);
    c.realtime.io.in(String(clients[0]?.id)).socketsLeave('hall');
    await eventually(() => !a.realtime.io.sockets.adapter.rooms.has('hall'), 'the leave');
    const reasons = clients.slice(1).map((client) => next(client, 'disconnect'));
    a.realtime.io.in('hall').disconnectSockets();
    expect(await Promise.all(reasons)).toEqual(['io server disconnect', 'io server disconnect']);
    expect(clients[0]?.connected).toBe(true);
  });

  it('are answered by all: serverSideEmit, and acknowledgements of clients', async () => {
    const instances = await startCluster(3);
    const [a] = instances as [(typeof instances)[0]];
    for (const [index, { realtime }] of instances.entries()) {
      realtime.io.on('who', (answer: (index: number) => void) => answer(index));
    }
    expect((await a.realtime.io.serverSideEmitWithAck('who')).sort()).toEqual([1, 2]);
    for (const { client } of instances) {
      (await connected(client())).on('how', (answer) => answer('fine'));
    }
    expect(await a.realtime.io.timeout(5000).emitWithAck('how')).toEqual(['fine', 'fine', 'fine']);
  });

  it('tell nobody the credentials of a socket', async () => {
    const { broker, travelled } = watchedBroker();
    const [a, b] = (await startCluster(2, {}, broker)) as [
      Awaited<ReturnType<typeof start>>,
      Awaited<ReturnType<typeof start>>,
    ];
    const socket = b.client({
      auth: { token: 'top-secret' },
      query: { key: 'top-secret' },
      extraHeaders: { cookie: 'id=top-secret', authorization: 'Bearer top-secret', 'x-mine': 'plain' },
    });
    await connected(socket);
    const [found] = await a.realtime.io.fetchSockets();
    expect(found?.handshake).toMatchObject({ auth: {}, address: '127.0.0.1', headers: { 'x-mine': 'plain' } });
    expect(JSON.stringify(travelled)).not.toContain('top-secret');
    // Where it is, it keeps them.
    expect((await b.realtime.io.local.fetchSockets())[0]?.handshake.auth).toEqual({ token: 'top-secret' });
  });

  it('that are none are ignored and counted', async () => {
    const broker = new MemoryBroker();
    const [a] = (await startCluster(
      2,
      { decode: (value) => (typeof value === 'number' ? value : undefined) },
      broker,
    )) as [Awaited<ReturnType<typeof start>>];
    const stranger = broker.connect('stranger');
    const before = a.realtime.mount.stats().ignored;
    const topic = [...['all./', 'requests./']];
    const wrong = [
      null,
      5,
      [],
      {},
      { kind: 'x' },
      { kind: 'event', event: 'no number' },
      { kind: 'broadcast' },
      { kind: 'broadcast', namespace: '/', rooms: [], except: [], data: [] },
      { kind: 'broadcast', namespace: '/', rooms: [1], except: [], data: ['x'] },
      { kind: 'broadcast', namespace: '/', rooms: [], except: [], data: ['x'], packed: [1] },
      { kind: 'request', message: {} },
      { kind: 'answer', message: { uid: 'x', nsp: '/', type: 8 } },
    ];
    let sequence = 0;
    for (const event of wrong) {
      sequence++;
      const envelope = { version: 1, from: 'stranger', epoch: 'e', sequence, event };
      await stranger.publish(`roomcast.socketio.${topic[0]}`, JSON.stringify(envelope));
    }
    await eventually(() => a.realtime.mount.stats().ignored === before + wrong.length, 'all are ignored');
    // What has the right form and makes no sense fails alone.
    const odd = [
      { kind: 'broadcast', namespace: '/', rooms: [], except: [], data: ['disconnect'] },
      { kind: 'broadcast', namespace: '/', rooms: [], except: [], data: [], packed: ['x'] },
      { kind: 'broadcast', namespace: '/nowhere', rooms: [], except: [], data: ['x'] },
      { kind: 'request', message: { uid: 'x', nsp: '/', type: 7, data: {} } },
      { kind: 'request', message: { uid: 'x', nsp: '/', type: 99, data: {} } },
      { kind: 'answer', message: { uid: 'x', nsp: '/', type: 8, data: { requestId: 'none' } } },
    ];
    for (const event of odd) {
      sequence++;
      const envelope = { version: 1, from: 'stranger', epoch: 'e', sequence, event };
      await stranger.publish(`roomcast.socketio.${topic[0]}`, JSON.stringify(envelope));
    }
    await eventually(() => a.realtime.mount.stats().failures >= 3, 'the failures');
    expect(a.realtime.io._nsps.has('/nowhere')).toBe(false);
    await connected(a.client());
  });
});

describe('events of the application', () => {
  it('run where their topic is wanted, by a room or by following', async () => {
    const heard: [number, string, string][] = [];
    const broker = new MemoryBroker();
    const instances = await Promise.all(
      [0, 1, 2].map((index) =>
        start<string>(
          {
            topicOf: (room) => room.replace(/^.*:/, ''),
            receive: (event, topic) => heard.push([index, event, topic]),
            decode: (value) => (typeof value === 'string' ? value : undefined),
          },
          { bus: broker.connect() },
        ),
      ),
    );
    await eventually(() => instances.every(({ engine }) => engine.cluster.members.size === 3), 'the cluster');
    const [a, b, c] = instances as [(typeof instances)[0], (typeof instances)[0], (typeof instances)[0]];
    b.realtime.io.on('connection', async (socket) => {
      await socket.join('analytics:guild-1');
      socket.emit('ready');
    });
    await next(b.client(), 'ready');
    await c.realtime.follow('everything');
    await a.realtime.publish('guild-1', 'first').done;
    await a.realtime.publish('everything', 'second').done;
    await eventually(() => heard.length === 4, 'the events');
    expect(heard.sort()).toEqual([
      [0, 'first', 'guild-1'],
      [0, 'second', 'everything'],
      [1, 'first', 'guild-1'],
      [2, 'second', 'everything'],
    ]);
  });
});

describe('polling without sticky sessions', () => {
  it('is refused in words that say what to do', async () => {
    const [a, b] = (await startCluster(2)) as [Awaited<ReturnType<typeof start>>, Awaited<ReturnType<typeof start>>];
    const poller = await new Poller(a).open();
    const strayed = await fetch(poller.address.replace(a.http, b.http));
    expect(strayed.status).toBe(400);
    const { code, message } = (await strayed.json()) as { code: number; message: string };
    expect(code).toBe(1);
    expect(message).toMatch(/^Session ID unknown: .*sticky sessions.*transports: \['websocket'\]/);
    expect(b.logger.lines.filter(({ message }) => message.includes('sticky sessions'))).toHaveLength(1);
    await fetch(poller.address.replace(a.http, b.http));
    expect(b.logger.lines.filter(({ message }) => message.includes('sticky sessions'))).toHaveLength(1);
    // Where it belongs it goes on.
    expect(await poller.post('40')).toBe(200);
  });
});

describe('a lost event', () => {
  it('is noticed and counted', async () => {
    let lose = false;
    const broker = new MemoryBroker({ fate: ({ topic }) => (lose && topic.includes('room.') ? 'drop' : 'deliver') });
    const instances = await startCluster(2, {}, broker);
    joinOnAsking(instances);
    const [a, b] = instances as [(typeof instances)[0], (typeof instances)[0]];
    const socket = await connected(b.client());
    await socket.emitWithAck('join', 'hall');
    const got = collect(socket, 'news');
    a.realtime.io.to('hall').emit('news', 1);
    await eventually(() => got.length === 1);
    lose = true;
    a.realtime.io.to('hall').emit('news', 2);
    await turns(3);
    lose = false;
    a.realtime.io.to('hall').emit('news', 3);
    await eventually(() => got.length === 2);
    expect(got).toEqual([1, 3]);
    expect(b.realtime.mount.stats().missed).toBe(1);
    expect(b.logger.text).toContain('events of another instance were lost on the bus');
  });
});
