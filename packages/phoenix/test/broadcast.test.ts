import { createServer } from 'node:http';
import { createEngine, MemoryBroker, silentLogger } from '@roomcast/engine';
import { listen, openClient, type TestClient } from '@roomcast/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChannelDefinition, EncodedJson, eventEncoder, ok, phoenixWire } from '../src/index.js';
import { joined } from './support/frames.js';
import { startServer, type TestServer } from './support/server.js';

const room: ChannelDefinition = {
  join: () => ok(new EncodedJson('{"welcome":"ü"}')),
  message(_event, _payload, channel) {
    channel.push('pushed', EncodedJson.of({ n: 1 }));
    return ok(EncodedJson.of([2]));
  },
};

let server: TestServer<unknown>;
let v1: TestClient;
let v2: TestClient;

beforeEach(async () => {
  server = await startServer({ channels: { 'room:*': room } });
  v2 = await joined(server.url, 'room:1');
  v1 = await openClient(server.url.replace('2.0.0', '1.0.0'));
  v1.send({ topic: 'room:1', event: 'phx_join', payload: {}, ref: 1 });
  await v1.next();
});

afterEach(() => server.close());

describe('broadcast', () => {
  it('reaches every member of the topic in its own form, with no join_ref', async () => {
    expect(server.phoenix.broadcast('room:1', 'news', { text: 'ü/"' })).toBe(2);
    expect(await v2.next()).toBe('[null,null,"room:1","news",{"text":"ü/\\""}]');
    expect(await v1.next()).toBe('{"event":"news","payload":{"text":"ü/\\""},"ref":null,"topic":"room:1"}');
  });

  it('encodes the payload once', async () => {
    let encoded = 0;
    const payload = { toJSON: () => ({ encoded: ++encoded }) };
    expect(server.phoenix.broadcast('room:1', 'news', payload)).toBe(2);
    expect((await v2.nextJson<unknown[]>())[4]).toEqual({ encoded: 1 });
    expect((await v1.nextJson<{ payload: unknown }>()).payload).toEqual({ encoded: 1 });
  });

  it('takes a payload that is JSON already', async () => {
    server.phoenix.broadcast('room:1', 'news', new EncodedJson('{"n":1.0}'));
    expect(await v2.next()).toBe('[null,null,"room:1","news",{"n":1.0}]');
    server.phoenix.broadcast('room:1', 'news', new EncodedJson(Buffer.from('{"n":2.0}')));
    expect(await v2.next()).toBe('[null,null,"room:1","news",{"n":2.0}]');
  });

  it('sends bytes to clients of V2 only', async () => {
    expect(server.phoenix.broadcast('room:1', 'news', Buffer.from([1, 255]))).toBe(1);
    expect(await v2.next()).toEqual(Buffer.from('\x02\x06\x04room:1news\x01\xff', 'latin1'));
    const [first] = server.phoenix.mount.sessions;
    expect(server.phoenix.broadcast('room:1', 'news', Buffer.of(1), { sessions: first ? [first] : [] })).toBe(1);
    expect(v1.received).toEqual([]);
  });

  it('goes to rooms or sessions of choice, each session once, and not to the one excepted', () => {
    const [first, second] = [...server.phoenix.mount.sessions];
    if (first === undefined || second === undefined) throw new Error('two sessions are connected');
    void first.data.channels.get('room:1')?.join('a');
    void first.data.channels.get('room:1')?.join('b');
    const broadcast = (options: object) => server.phoenix.broadcast('room:1', 'news', {}, options);
    expect(broadcast({ rooms: ['a', 'b'] })).toBe(1);
    expect(broadcast({ rooms: ['a', 'b', 'room:1'] })).toBe(2);
    expect(broadcast({ except: first })).toBe(1);
    expect(broadcast({ sessions: [second] })).toBe(1);
    expect(broadcast({ rooms: ['nobody'] })).toBe(0);
  });

  it('throws before anything is sent where the payload is no JSON', () => {
    expect(() => server.phoenix.broadcast('room:1', 'news', { n: 1n })).toThrow(TypeError);
  });
});

describe('between instances', () => {
  it('an event published by a topic is broadcast where it arrives', async () => {
    const broker = new MemoryBroker();
    const instance = () => {
      const engine = createEngine({ logger: silentLogger, bus: broker.connect() });
      // The program of the README.
      const live = phoenixWire<null, { title: string }>(engine, {
        name: 'live',
        connect: () => ({ assigns: null }),
        channels: {
          'news:*': {
            async join(_payload, channel) {
              await channel.join(channel.topic, { topic: channel.topic });
              return ok();
            },
            message() {},
          },
        },
        receive: (news, topic) => live.broadcast(topic, 'news', news),
      });
      const http = createServer();
      engine.attach(http);
      return { engine, live, http };
    };
    const here = instance();
    const there = instance();
    const listening = await Promise.all([listen(here.http), listen(there.http)]);
    try {
      const clients = await Promise.all(
        listening.map(({ ws }) => joined(`${ws}/socket/websocket?vsn=2.0.0`, 'news:eve')),
      );
      here.live.mount.publish('news:eve', { title: 'on every instance' });
      for (const client of clients) {
        expect(await client.nextJson()).toEqual([null, null, 'news:eve', 'news', { title: 'on every instance' }]);
      }
    } finally {
      await Promise.all([here.engine.close(), there.engine.close()]);
      await Promise.all(listening.map(({ close }) => close()));
    }
  });
});

describe('pushes and replies', () => {
  it('take payloads that are JSON already', async () => {
    v2.send(['1', '2', 'room:1', 'event', {}]);
    expect(await v2.next()).toBe('["1",null,"room:1","pushed",{"n":1}]');
    expect(await v2.next()).toBe('["1","2","room:1","phx_reply",{"response":[2],"status":"ok"}]');
    const fresh = await openClient(server.url);
    fresh.send(['1', '1', 'room:1', 'phx_join', {}]);
    expect(await fresh.next()).toBe('["1","1","room:1","phx_reply",{"response":{"welcome":"ü"},"status":"ok"}]');
  });
});

describe('eventEncoder', () => {
  it('gives whole WebSocket frames by dialect, for mount.deliver', async () => {
    const encode = eventEncoder('room:1', 'news', { n: 1 });
    expect(encode('v2').subarray(2).toString()).toBe('[null,null,"room:1","news",{"n":1}]');
    expect(encode('v1').subarray(2).toString()).toBe('{"event":"news","payload":{"n":1},"ref":null,"topic":"room:1"}');
    server.phoenix.mount.deliver({ rooms: ['room:1'] }, { encode });
    expect(await v2.next()).toBe('[null,null,"room:1","news",{"n":1}]');
  });
});
