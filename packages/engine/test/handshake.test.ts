import { runInNewContext } from 'node:vm';
import { eventually, openClient, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { type Acceptance, type Refusal, refuse } from '../src/index.js';
import { clientFrame, rawSocket } from './support/raw-socket.js';
import { ask, json, type RawData, rawServer } from './support/raw-wire.js';

type Answer = Acceptance<RawData> | Refusal;

/** An `accept` that answers when the test says so. */
function slowAccept() {
  const asked: ((answer: Answer) => void)[] = [];
  return {
    asked,
    accept: () => new Promise<Answer>((resolve) => asked.push(resolve)),
  };
}

const acceptance: Acceptance<RawData> = { data: { name: '' } };

describe('a connection', () => {
  it('is refused with the status, body and headers its wire gives', async () => {
    const server = await rawServer({
      wire: { accept: () => refuse(401, 'who are you?', { 'WWW-Authenticate': 'Bearer' }) },
    });
    await expect(server.client()).rejects.toMatchObject({
      status: 401,
      body: 'who are you?',
      headers: { 'www-authenticate': 'Bearer', 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
    });
    expect(server.mount.stats()).toMatchObject({ refused: { 401: 1 }, opened: 0 });
    expect(server.engine.stats().sessions).toBe(0);
  });

  it('may be refused in another form than plain text', async () => {
    const server = await rawServer({
      wire: { accept: () => refuse(402, '{"pay":"now"}', { 'Content-Type': 'application/json' }) },
    });
    await expect(server.client()).rejects.toMatchObject({
      status: 402,
      body: '{"pay":"now"}',
      headers: { 'content-type': 'application/json', 'content-length': '13' },
    });
  });

  it('gets the subprotocol its wire chooses, and none where it chooses none', async () => {
    const server = await rawServer({
      wire: {
        accept: ({ protocols, query }) => ({
          ...acceptance,
          ...(query.has('choose') ? { protocol: protocols.at(-1) as string } : {}),
        }),
      },
    });
    const chosen = await openClient(`${server.url}?choose`, { protocols: ['v1.raw', 'v2.raw'] });
    expect(chosen.socket.protocol).toBe('v2.raw');
    const none = await openClient(server.url).then((client) => client.socket.protocol);
    expect(none).toBe('');
  });

  it('may be accepted by a promise of another realm, and refused by one', async () => {
    const Foreign = runInNewContext('Promise') as PromiseConstructor;
    const server = await rawServer({
      wire: {
        accept: ({ query }): Promise<Answer> => Foreign.resolve(query.has('in') ? acceptance : refuse(403, 'stay out')),
      },
    });
    await expect(server.client()).rejects.toMatchObject({ status: 403, body: 'stay out' });
    const client = await server.client('in');
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('that goes away before it is accepted leaves no place taken', async () => {
    const { asked, accept } = slowAccept();
    const server = await rawServer({ wire: { accept } });
    const leaving = rawSocket({ port: server.port });
    await eventually(() => asked.length === 1);
    expect(server.engine.stats().sessions).toBe(1);
    leaving.destroy();
    await turns(20);
    asked[0]?.(acceptance);
    await eventually(() => server.engine.stats().sessions === 0, 'the place to be free');
    await eventually(() => server.mount.sessions.size === 0);
  });

  it('that ends its half before it is accepted leaves no place taken', async () => {
    const { asked, accept } = slowAccept();
    const server = await rawServer({ wire: { accept } });
    const leaving = rawSocket({ port: server.port });
    await eventually(() => asked.length === 1);
    leaving.socket.end();
    await turns(20);
    asked[0]?.(acceptance);
    await eventually(() => server.engine.stats().sessions === 0, 'the place to be free');
    await eventually(() => server.mount.sessions.size === 0);
  });

  it('that breaks off right after its request does no harm, however often', async () => {
    const server = await rawServer({ wire: { accept: () => turns(2).then(() => acceptance) } });
    for (let round = 0; round < 30; round++) {
      const socket = rawSocket({ port: server.port });
      await eventually(() => socket.socket.readyState === 'open');
      await turns(round % 5);
      if (round % 2 === 0) socket.socket.resetAndDestroy();
      else socket.destroy();
    }
    await eventually(() => server.engine.stats().sessions === 0, 'all places to be free');
    const client = await server.client();
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('whose acceptance comes after the engine was told to drain is refused with 503', async () => {
    const { asked, accept } = slowAccept();
    const server = await rawServer({ wire: { accept } });
    // Somebody who is slow to go, for whom the drain waits.
    const staying = rawSocket({ port: server.port });
    await eventually(() => asked.length === 1);
    asked[0]?.(acceptance);
    await eventually(() => staying.status === 101);
    const late = server.client();
    await eventually(() => asked.length === 2);
    const drained = server.engine.drain(200);
    asked[1]?.(acceptance);
    await expect(late).rejects.toMatchObject({ status: 503, body: 'This server is shutting down' });
    await drained;
    await eventually(() => server.engine.stats().sessions === 0);
    expect(server.mount.stats().opened).toBe(1);
  });

  it('may send its first messages together with its request', async () => {
    const early = Buffer.concat([clientFrame(1, '{"t":"echo","data":1}'), clientFrame(1, '{"t":"echo","data":2}')]);
    const server = await rawServer();
    const socket = rawSocket({ port: server.port, early });
    await eventually(() => socket.frames.length === 2);
    expect(socket.frames.map(({ payload }) => JSON.parse(payload.toString()))).toEqual([
      { t: 'echo', data: 1 },
      { t: 'echo', data: 2 },
    ]);
  });

  it('may send its first messages before it is accepted, and they come after the opening', async () => {
    const { asked, accept } = slowAccept();
    const server = await rawServer({ wire: { accept, open: (session) => session.send(json('welcome')) } });
    const socket = rawSocket({ port: server.port, early: clientFrame(1, '{"t":"echo","data":1}') });
    await eventually(() => asked.length === 1);
    socket.write(clientFrame(1, '{"t":"echo","data":2}'));
    await turns(5);
    asked[0]?.(acceptance);
    await eventually(() => socket.frames.length === 3);
    expect(socket.frames.map(({ payload }) => JSON.parse(payload.toString()))).toEqual([
      'welcome',
      { t: 'echo', data: 1 },
      { t: 'echo', data: 2 },
    ]);
  });
});

describe('a request that is no valid handshake', () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['has no key', { 'Sec-WebSocket-Key': '' }],
    ['has a key that is none', { 'Sec-WebSocket-Key': 'short' }],
    ['asks for another version', { 'Sec-WebSocket-Version': '7' }],
    ['asks for another protocol', { Upgrade: 'h2c' }],
    ['offers a malformed subprotocol', { 'Sec-WebSocket-Protocol': 'a,,b' }],
  ])('because it %s is answered with 400 and its place given back', async (_what, headers) => {
    const server = await rawServer();
    const socket = rawSocket({ port: server.port, headers });
    await eventually(() => socket.ended);
    expect(socket.status).toBe(400);
    expect(server.engine.stats().sessions).toBe(0);
    expect(server.mount.stats()).toMatchObject({ opened: 0, refused: { 400: 1 } });
    expect((await server.client()).socket.readyState).toBe(1);
  });

  it('does not cost another connection of the same identity its place', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 1, whenTooMany: 'close-oldest' });
    const ada = await server.client('id=ada');
    const socket = rawSocket({ port: server.port, path: '/raw?id=ada', headers: { 'Sec-WebSocket-Key': '' } });
    await eventually(() => socket.ended);
    expect(await ask(ada, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });
});
