import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { createEngine, EngineOptionsError, refuse } from '@roomcast/engine';
import { eventually, listen, ManualClock, next, openClient } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { socketIo } from '../src/index.js';
import { connected, start } from './support/servers.js';

const handshake = '/socket.io/?EIO=4&transport=polling';
const upgrade = '/socket.io/?EIO=4&transport=websocket';

describe.each([
  ['websocket only', ['websocket']],
  ['polling only', ['polling']],
  ['upgrading', ['polling', 'websocket']],
])('a client that is %s', (_name, transports) => {
  it('connects, is answered and ends, leaving nothing behind', async () => {
    const { realtime, engine, client } = await start();
    realtime.io.on('connection', (socket) => {
      socket.on('echo', (value: unknown, answer: (value: unknown) => void) => answer(value));
    });
    const socket = await connected(client({ transports }));
    expect(await socket.emitWithAck('echo', { deep: ['value'] })).toEqual({ deep: ['value'] });
    if (transports.length === 2) {
      await eventually(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
      expect(await socket.emitWithAck('echo', 2)).toBe(2);
    }
    expect(engine.stats()).toMatchObject({ sessions: 1 });
    expect(realtime.mount.stats()).toMatchObject({ sessions: 1, opened: 1 });
    socket.disconnect();
    await eventually(() => engine.stats().sessions === 0, 'the end');
    expect(realtime.mount.stats().sessions).toBe(0);
    expect(engine.stats().queuedBytes).toBe(0);
  });

  it('leaves no task behind, whoever ends it', async () => {
    const clock = new ManualClock();
    const { realtime, client, tcp } = await start({}, { clock });
    const { pending } = clock;
    for (const who of ['server', 'client']) {
      const socket = await connected(client({ transports }));
      if (who === 'server') realtime.io.disconnectSockets(true);
      else socket.disconnect();
      await eventually(() => realtime.mount.sessions.size === 0, 'the end');
      // Polls leave connections that may be used again.
      if (!transports.includes('polling')) await eventually(() => tcp.size === 0, 'the end of the stream');
      await eventually(() => clock.pending === pending, 'no task is left');
    }
  });

  it('is told by connect_error when it is not let in', async () => {
    const { client } = await start({
      authenticate: ({ handshake }) => {
        if (handshake.auth.token !== 'good') throw new Error('who are you');
        return { id: 'ada' };
      },
    });
    const error = await next<Error>(client({ transports, auth: { token: 'bad' } }), 'connect_error');
    expect(error.message).toBe('who are you');
    await connected(client({ transports, auth: { token: 'good' } }));
  });
});

describe('a page', () => {
  const origins = ['https://app.example.com'];

  it('of an origin that is not allowed gets no connection, by either transport', async () => {
    const { http, ws, realtime, engine, logger } = await start({ origins });
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example']) {
      const answer = await fetch(`${http}${handshake}`, { headers: { origin } });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toEqual({ code: 4, message: 'Origin not allowed' });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await expect(openClient(`${ws}${upgrade}`, { origin })).rejects.toMatchObject({ status: 403 });
    }
    expect(engine.stats().sessions).toBe(0);
    expect(realtime.mount.stats().refused).toEqual({ 403: 6 });
    expect(logger.text).toContain('a page of an origin that is not allowed tried to connect');
  });

  it('of an allowed origin may read every answer, refusals too', async () => {
    const { http, ws } = await start({ origins });
    const headers = { origin: 'https://app.example.com' };
    for (const path of [handshake, '/socket.io/?EIO=4&transport=polling&sid=unknown', '/socket.io/?EIO=4']) {
      const answer = await fetch(`${http}${path}`, { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(answer.headers.get('vary')).toContain('Origin');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-expose-headers')).toBe('Retry-After');
    }
    const asking = { ...headers, 'access-control-request-headers': 'x-mine', 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${http}${handshake}`, { method: 'OPTIONS', headers: asking });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-mine');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,POST');
    const client = await openClient(`${ws}${upgrade}`, { origin: headers.origin });
    expect(await client.next()).toMatch(/^0\{"sid":/);
  });

  it('of another origin can not take over the connection of a client', async () => {
    const { http, ws } = await start({ origins });
    const { sid } = JSON.parse((await (await fetch(`${http}${handshake}`)).text()).slice(1)) as { sid: string };
    const headers = { origin: 'https://evil.example' };
    expect((await fetch(`${http}${handshake}&sid=${sid}`, { headers })).status).toBe(403);
    expect((await fetch(`${http}${handshake}&sid=${sid}`, { method: 'OPTIONS', headers })).status).toBe(403);
    await expect(openClient(`${ws}${upgrade}&sid=${sid}`, headers)).rejects.toMatchObject({ status: 403 });
  });

  it('may send cookies where that is wanted, and any origin where that is', async () => {
    const withCookies = await start({ origins, credentials: true });
    const answer = await fetch(`${withCookies.http}${handshake}`, { headers: { origin: 'https://app.example.com' } });
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    const open = await start({ origins: '*' });
    const any = await fetch(`${open.http}${handshake}`, { headers: { origin: 'https://anywhere.example' } });
    expect(any.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('admission', () => {
  it('keeps the engine’s limits for both transports alike', async () => {
    const { http, ws, engine, client } = await start({}, { maxConnectionsPerIp: 2 });
    await connected(client({ transports: ['polling'] }));
    const second = await connected(client({ transports: ['websocket'] }));
    const answer = await fetch(`${http}${handshake}`);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('60');
    await expect(openClient(`${ws}${upgrade}`)).rejects.toMatchObject({ status: 429 });
    second.disconnect();
    await eventually(() => engine.stats().sessions === 1, 'the place');
    await connected(client());
  });

  it('counts a client that upgrades once', async () => {
    const { client } = await start({}, { maxConnectionsPerIp: 1, maxConnectsPerIpPerMinute: 1 });
    const socket = await connected(client({ transports: ['polling', 'websocket'] }));
    await eventually(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
  });

  it.each([
    ['an old protocol', '/socket.io/?EIO=3&transport=polling'],
    ['an unknown transport', '/socket.io/?EIO=4&transport=pigeon'],
    ['a WebSocket without upgrade', '/socket.io/?EIO=4&transport=websocket'],
  ])('gives the place back that came to nothing: %s', async (_name, path) => {
    const { http, engine, client } = await start({}, { maxConnectionsPerIp: 1 });
    expect((await fetch(`${http}${path}`)).status).toBe(400);
    await eventually(() => engine.stats().sessions === 0, 'the place');
    await connected(client());
  });

  it('gives the place back of a handshake that is none', async () => {
    const { ws, port, engine, client } = await start({}, { maxConnectionsPerIp: 1 });
    const old = await openClient(`${ws}/socket.io/?EIO=3&transport=websocket`);
    expect(await old.waitForClose()).toMatchObject({ code: 1006 });
    const lines = [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ];
    const tcp = connectTcp(port, '127.0.0.1').end(`${lines.join('\r\n')}\r\nSec-WebSocket-Key: x\r\n\r\n`);
    const [answer] = (await once(tcp, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 /);
    await eventually(() => engine.stats().sessions === 0, 'the places');
    await connected(client());
  });

  it('asks the guard before anything else is done for a new connection, and only then', async () => {
    const asked: string[] = [];
    let authenticated = 0;
    const { http, ws, client, realtime } = await start({
      guard: async ({ ip, query }) => {
        asked.push(`${ip} ${query.get('transport')}`);
        return asked.length > 2 ? refuse(429, 'Slow down', { 'Retry-After': '7' }) : undefined;
      },
      authenticate: () => {
        authenticated++;
        return undefined;
      },
    });
    const socket = await connected(client({ transports: ['polling', 'websocket'] }));
    await eventually(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
    await connected(client({ transports: ['websocket'] }));
    expect(asked).toEqual(['127.0.0.1 polling', '127.0.0.1 websocket']);
    const answer = await fetch(`${http}${handshake}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await answer.json()).toEqual({ code: 4, message: 'Slow down' });
    await expect(openClient(`${ws}${upgrade}`)).rejects.toMatchObject({ status: 429, body: 'Slow down' });
    expect(authenticated).toBe(2);
    expect(realtime.mount.stats().refused).toEqual({ 429: 2 });
  });

  it('does not ask the guard about a page that may not connect, or while the server drains', async () => {
    let asked = 0;
    const guard = () => {
      asked++;
      return undefined;
    };
    const { http, engine } = await start({ guard, origins: [] });
    expect((await fetch(`${http}${handshake}`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    await engine.drain(100);
    expect((await fetch(`${http}${handshake}`)).status).toBe(503);
    expect(asked).toBe(0);
  });

  it('answers 500 where the guard fails', async () => {
    const { http, ws, engine, logger } = await start({
      guard: () => {
        throw new Error('broken');
      },
    });
    expect((await fetch(`${http}${handshake}`)).status).toBe(500);
    await expect(openClient(`${ws}${upgrade}`)).rejects.toMatchObject({ status: 500 });
    expect(engine.stats().sessions).toBe(0);
    expect(logger.text).toContain('accepting a connection failed');
  });

  it('refuses one connection too many of an identity, and leaves the others', async () => {
    const { client, realtime } = await start({
      maxConnectionsPerIdentity: 1,
      authenticate: ({ handshake }) => ({ id: String(handshake.auth.token) }),
    });
    const first = await connected(client({ auth: { token: 'ada' } }));
    const error = await next<Error>(client({ auth: { token: 'ada' } }), 'connect_error');
    expect(error.message).toBe('Too many connections');
    await connected(client({ auth: { token: 'bob' } }));
    expect(first.connected).toBe(true);
    expect([...(realtime.mount.sessionsOf('ada') ?? [])]).toHaveLength(1);
  });

  it('ends with the draining of the engine: 503, and clients that come back find the next instance', async () => {
    const { http, ws, engine, client } = await start();
    const polling = await connected(client({ transports: ['polling'] }));
    const websocket = await connected(client({ transports: ['websocket'] }));
    const reasons = [next(polling, 'disconnect'), next(websocket, 'disconnect')];
    const drained = engine.drain(2000);
    expect((await fetch(`${http}${handshake}`)).status).toBe(503);
    await expect(openClient(`${ws}${upgrade}`)).rejects.toMatchObject({ status: 503 });
    // Anything but "io server disconnect" has a stock client reconnect.
    expect(await Promise.all(reasons)).toEqual(['transport close', 'transport close']);
    await drained;
    expect(engine.stats().mounts[0]?.closed).toEqual({ 1012: 2 });
  });
});

describe('who is in no namespace', () => {
  it('is let go after the time to connect', async () => {
    const clock = new ManualClock();
    const { ws, engine, realtime } = await start({ connectTimeoutMs: 10_000 }, { clock });
    const silent = await openClient(`${ws}${upgrade}`);
    await silent.next();
    const lost = await openClient(`${ws}${upgrade}`);
    await lost.next();
    lost.send('40/nobody-opened,');
    expect(await lost.next()).toBe('44/nobody-opened,{"message":"Invalid namespace"}');
    await clock.advance(8000);
    expect(realtime.mount.stats().sessions).toBe(2);
    await clock.advance(3000);
    await silent.waitForClose();
    await lost.waitForClose();
    expect(engine.stats()).toMatchObject({ sessions: 0 });
    expect(realtime.mount.stats().closed).toEqual({ 1008: 2 });
    expect([...realtime.io._nsps.keys()]).toEqual(['/']);
  });

  it('is let go as well when it has left the last one', async () => {
    const clock = new ManualClock();
    const { ws } = await start({ connectTimeoutMs: 10_000 }, { clock });
    const client = await openClient(`${ws}${upgrade}`);
    await client.next();
    client.send('40');
    expect(await client.next()).toMatch(/^40\{"sid"/);
    await clock.advance(60_000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    client.send('41');
    await eventually(async () => {
      await clock.advance(1000);
      return client.socket.readyState !== client.socket.OPEN;
    }, 'the end');
  });
});

describe('the other listeners of the server', () => {
  it('get what is not Socket.IO’s, and upgrades of nobody get 404', async () => {
    const { http, ws } = await start();
    expect(await (await fetch(`${http}/other`)).text()).toBe('nothing here');
    expect(await (await fetch(`${http}/socket.iox/?EIO=4&transport=polling`)).text()).toBe('nothing here');
    await expect(openClient(`${ws}/other`)).rejects.toMatchObject({ status: 404 });
  });

  it('get the requests that are left to them', async () => {
    const { realtime, http } = await start();
    const server = createServer((_request, response) => response.end('left'));
    const detach = realtime.attach(server, { leave: ({ headers }) => headers['x-leave'] === '1' });
    const listening = await listen(server);
    expect(await (await fetch(`${listening.http}${handshake}`, { headers: { 'x-leave': '1' } })).text()).toBe('left');
    expect(await (await fetch(`${listening.http}${handshake}`)).text()).toMatch(/^0\{/);
    detach();
    expect(await (await fetch(`${listening.http}${handshake}`)).text()).toBe('left');
    await listening.close();
    expect((await fetch(`${http}${handshake}`)).status).toBe(200);
  });

  it('keep the upgrades of other mounts', async () => {
    const { engine, ws, client } = await start();
    engine.mount({
      name: 'raw',
      paths: '/raw',
      wire: { accept: () => ({ data: null }), message: (session) => session.close({ code: 1000, reason: 'hello' }) },
    });
    const raw = await openClient(`${ws}/raw`);
    await connected(client({ transports: ['websocket'] }));
    // Engine.IO would have ended a stranger's upgrade after a second.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    raw.send('x');
    expect(await raw.waitForClose()).toEqual({ code: 1000, reason: 'hello' });
  });
});

describe('options', () => {
  it.each([
    ['pingTimeoutMs', 0],
    ['connectTimeoutMs', 1.5],
    ['upgradeTimeoutMs', 2 ** 31],
    ['pingIntervalMs', -1],
    ['transports', []],
    ['transports', ['webtransport']],
    ['path', 'socket.io'],
    ['path', '/socket.io/'],
    ['maxFrameBytes', 0],
  ])('%s: %j is refused by name', (option, value) => {
    const engine = createEngine();
    expect(() => socketIo(engine, { [option]: value })).toThrow(expect.objectContaining({ option }));
    expect(() => socketIo(engine, { [option]: value })).toThrow(EngineOptionsError);
  });

  it('credentials for all origins are refused', () => {
    expect(() => socketIo(createEngine(), { credentials: true, origins: '*' })).toThrow(/^credentials: /);
  });

  it('have a ping that practically never comes where none is wanted', async () => {
    const { ws } = await start({ pingIntervalMs: 0 });
    const client = await openClient(`${ws}${upgrade}`);
    expect(String(await client.next())).toContain('"pingInterval":2147483647,"pingTimeout":60000');
  });
});
