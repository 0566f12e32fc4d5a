import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryBroker } from '@roomcast/engine';
import { serverEvents } from '@roomcast/spywatcher-protocol';
import { eventually, listen, ManualClock, next, openClient } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSpywatcherEnvironment } from '../src/index.js';
import { adminToken, secret, start, tokenOf } from './support/server.js';

/** A clock that stands still, so that the demonstration's feed does. */
const quiet = () => ({ clock: new ManualClock(Date.now()) });

const message = {
  userId: '7',
  username: 'ann',
  channelId: '70',
  channelName: 'general',
  timestamp: '2026-01-16T12:00:00Z',
};

describe('the environment', () => {
  it('listens on 3001 unless told otherwise, and throttles by 30 s', () => {
    expect(readSpywatcherEnvironment({ DEMO: '1' })).toMatchObject({ PORT: 3001, ANALYTICS_THROTTLE_MS: 30_000 });
  });

  it.each([
    ['JWT_SECRET', {}],
    ['JWT_SECRET', { JWT_SECRET: 'too short' }],
    ['ANALYTICS_THROTTLE_MS', { DEMO: '1', ANALYTICS_THROTTLE_MS: '0' }],
    ['ANALYTICS_THROTTLE_MS', { DEMO: '1', ANALYTICS_THROTTLE_MS: 'soon' }],
  ])('is refused by the name of %s where it can not be used', (name, source) => {
    expect(() => readSpywatcherEnvironment(source)).toThrow(new RegExp(`^${name}: expected `));
  });
});

describe('TLS', () => {
  it.each([['websocket'], ['polling']])('is spoken where there is a certificate, over %s', async (transport) => {
    const fixture = (name: string) =>
      fileURLToPath(new URL(`../../../packages/server/test/fixtures/${name}`, import.meta.url));
    const server = await start({ TLS_CERT_FILE: fixture('cert.pem'), TLS_KEY_FILE: fixture('key.pem') });
    expect(server.url).toMatch(/^https:/);
    const ca = readFileSync(fixture('cert.pem'), 'utf8');
    const socket = await server.connected(await tokenOf(), { transports: [transport], ca });
    expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual({ ok: true });
  });
});

it('is ready once it hears the others, however late the broker is there', async () => {
  const bus = new MemoryBroker().connect();
  const { subscribe } = bus;
  bus.subscribe = () => Promise.reject(new Error('the broker is not there'));
  const server = await start({}, { ...quiet(), bus });
  const ready = async () => (await server.get('/readyz')).status;
  expect(await ready()).toBe(503);
  bus.subscribe = subscribe;
  await eventually(async () => (await ready()) === 200, 'the server to be ready');
});

describe('the publish API', () => {
  it.each([['websocket'], ['polling']])('feeds events and activity to followers, over %s', async (transport) => {
    const server = await start();
    const socket = await server.connected(await tokenOf(), { transports: [transport] });
    await socket.emitWithAck('subscribe:guild', '1');
    await socket.emitWithAck('subscribe:analytics', '1');
    const told = next(socket, 'message:new');
    const joined = next(socket, 'user:join');
    const update = next<{ data: { ghosts: unknown[] } }>(socket, 'analytics:update');
    const timestamp = new Date().toISOString();
    const answer = await server.publish([
      { guildId: '1', event: 'message:new', data: { ...message, content: 'secret' } },
      { guildId: '1', activity: { type: 'typing', userId: '7', username: 'ann', timestamp } },
      {
        guildId: '1',
        activity: { type: 'join', userId: '8', username: 'bob', timestamp, accountCreatedAt: timestamp },
      },
    ]);
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 3 }]);
    expect(await told).toEqual({ guildId: '1', ...message });
    expect(await joined).toEqual({ guildId: '1', userId: '8', username: 'bob', accountAgeDays: 0, timestamp });
    expect((await update).data.ghosts).toEqual([{ userId: '7', username: 'ann', ghostScore: 1 }]);
  });

  it('tells of every bad field, and publishes nothing then', async () => {
    const server = await start();
    const answer = await server.publish([
      { guildId: '1', event: 'message:new', data: message },
      { guildId: '1', event: 'message:new', data: { ...message, channelId: 5 } },
    ]);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      issues: [{ path: '1.data.channelId', message: 'expected a string, got 5' }],
    });
  });
});

describe('what every server answers', () => {
  it('is here, beside Socket.IO', async () => {
    const server = await start({ METRICS_TOKEN: 'a-metrics-token' });
    expect((await server.get('/healthz')).status).toBe(200);
    await eventually(async () => (await server.get('/readyz')).status === 200, 'ready');
    expect(await (await server.get('/readyz')).json()).toMatchObject({ parts: { bus: 'ok', events: 'ok' } });
    const socket = await server.connected(await tokenOf());
    await socket.emitWithAck('subscribe:guild', '1');
    const metrics = await (await server.get('/metrics', 'a-metrics-token')).text();
    expect(metrics).toMatch(/roomcast_sessions\{mount="spywatcher"\} 1/);
    const { sessions } = (await (await server.get('/admin/sessions', adminToken)).json()) as { sessions: object[] };
    expect(sessions).toMatchObject([{ identity: '100', rooms: ['guild:1'], queued_bytes: 0 }]);
    expect(await (await server.get('/admin/rooms', adminToken)).json()).toMatchObject({
      rooms: [{ id: 'guild:1', members: 1 }],
    });
    const reason = next(socket, 'disconnect');
    const headers = { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ identity: '100' });
    const answer = await fetch(`${server.url}/admin/disconnect`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ disconnected: 1 });
    expect(await reason).toBe('io server disconnect');
  });

  it('has limits for headers on Socket.IO’s path, too', async () => {
    const server = await start();
    const headers = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, '1']));
    const path = '/socket.io/?EIO=4&transport=polling';
    expect((await fetch(`${server.url}${path}`, { headers })).status).toBe(431);
    await expect(
      openClient(`${server.url.replace('http', 'ws')}${path.replace('polling', 'websocket')}`, { headers }),
    ).rejects.toMatchObject({
      status: 431,
    });
    expect((await fetch(`${server.url}${path}`)).status).toBe(200);
  });

  it('goes by the allowed origins, for polling, WebSocket and everything else alike', async () => {
    const server = await start({ ALLOWED_ORIGINS: 'https://app.example.com' });
    const path = '/socket.io/?EIO=4&transport=';
    for (const [origin, allowed] of [
      ['https://app.example.com', true],
      ['https://evil.example', false],
    ] as const) {
      const polling = await fetch(`${server.url}${path}polling`, { headers: { origin } });
      expect(polling.status).toBe(allowed ? 200 : 403);
      expect(polling.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
      const opening = openClient(`${server.url.replace('http', 'ws')}${path}websocket`, { origin });
      if (allowed) await opening;
      else await expect(opening).rejects.toMatchObject({ status: 403 });
      const other = await fetch(`${server.url}/healthz`, { headers: { origin } });
      expect(other.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
    }
  });

  it('lets everybody go at the end so that stock clients come back by themselves', async () => {
    const server = await start();
    const socket = await server.connected(await tokenOf());
    const polling = await server.connected(await tokenOf(), { transports: ['polling'] });
    const reasons = [next(socket, 'disconnect'), next(polling, 'disconnect')];
    await server.close(2000);
    expect(await Promise.all(reasons)).toEqual(['transport close', 'transport close']);
  });
});

describe('attempts to connect', () => {
  it('are 60 a minute from one address unless told otherwise', async () => {
    const server = await start({ MAX_CONNECTS_PER_IP_PER_MINUTE: '' });
    const path = `${server.url}/socket.io/?EIO=4&transport=polling`;
    for (let count = 0; count < 60; count++) expect((await fetch(path)).status).toBe(200);
    const answer = await fetch(path);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30']);
  });
});

describe('a demonstration', () => {
  it('has identities that see one guild, two, none and all, and one that is not let in', async () => {
    const server = await start({ DEMO: '1' }, quiet());
    const { identities } = (await (await server.get('/demo/session')).json()) as {
      identities: { id: string; role: string }[];
    };
    const seen: Record<string, number | string> = {};
    for (const { id, role } of identities) {
      const token = await server.token(id);
      const socket = server.client({ auth: { token } });
      const outcome = await Promise.race([
        next<void>(socket, 'connect').then(() => ''),
        next<Error>(socket, 'connect_error').then((error) => error.message),
      ]);
      const guilds = ['200000000000000001', '200000000000000002'];
      const answers =
        outcome === '' ? await Promise.all(guilds.map((guild) => socket.emitWithAck('subscribe:guild', guild))) : [];
      seen[`${id.slice(-1)} ${role}`] = outcome === '' ? answers.filter(({ ok }) => ok).length : outcome;
    }
    expect(seen).toEqual({ '1 USER': 1, '2 MODERATOR': 2, '3 USER': 0, '4 ADMIN': 2, '5 BANNED': 'Invalid token' });
  });

  it('sends events of every kind by itself', async () => {
    const clock = new ManualClock(Date.now());
    const server = await start({ DEMO: '1' }, { clock });
    const socket = await server.connected(await server.token('100000000000000004'));
    for (const guild of ['200000000000000001', '200000000000000002']) {
      await socket.emitWithAck('subscribe:guild', guild);
      await socket.emitWithAck('subscribe:analytics', guild);
    }
    const kinds = new Set<string>();
    socket.onAny((event: keyof typeof serverEvents, data: unknown) => {
      serverEvents[event].parse(data);
      kinds.add(event);
    });
    await eventually(async () => {
      await clock.advance(5000);
      return kinds.size === 6;
    }, 'all kinds');
    expect([...kinds].sort()).toEqual(
      Object.keys(serverEvents)
        .filter((name) => name !== 'error' && name !== 'events:missed')
        .sort(),
    );
  });

  it('is none without DEMO=1', async () => {
    const server = await start();
    expect((await server.get('/demo/session')).status).toBe(404);
  });
});

describe('what survives a restart', () => {
  it('are analytics and the last update', async () => {
    const first = await start();
    const timestamp = new Date().toISOString();
    await first.publish({ guildId: '1', activity: { type: 'typing', userId: '7', username: 'ann', timestamp } });
    const before = await first.connected(await tokenOf());
    const sent = next(before, 'analytics:update');
    await before.emitWithAck('subscribe:analytics', '1');
    await sent;
    await first.close(2000);
    const second = await start({ STATE_DIR: first.stateDir });
    const socket = await second.connected(await tokenOf());
    const update = next<{ data: { ghosts: unknown[] } }>(socket, 'analytics:update');
    await socket.emitWithAck('subscribe:analytics', '1');
    expect((await update).data.ghosts).toEqual([{ userId: '7', username: 'ann', ghostScore: 1 }]);
  });

  it('is put aside where it can not be used', async () => {
    const first = await start();
    await first.close(2000);
    writeFileSync(join(first.stateDir, 'spywatcher.json'), '{"version":2}');
    const second = await start({ STATE_DIR: first.stateDir });
    expect(second.logger.text).toContain('saved state can not be used');
    expect(readFileSync(join(first.stateDir, 'spywatcher.json.bad'), 'utf8')).toBe('{"version":2}');
  });
});

describe('the directory', () => {
  it('is a file, which is looked at again when it changes', async () => {
    const folder = await start();
    const path = join(folder.stateDir, 'directory.json');
    writeFileSync(path, JSON.stringify({ users: { '100': ['5'] } }));
    const server = await start({ DIRECTORY_FILE: path });
    const socket = await server.connected(await tokenOf({ guilds: [] }));
    expect(await socket.emitWithAck('subscribe:guild', '5')).toEqual({ ok: true });
    expect(await socket.emitWithAck('subscribe:guild', '6')).toMatchObject({ ok: false });
    const error = next(socket, 'error');
    writeFileSync(path, JSON.stringify({ users: { '100': ['6'] } }));
    expect(await error).toEqual({ message: 'Not authorized for this guild' });
    expect(await socket.emitWithAck('subscribe:guild', '6')).toEqual({ ok: true });
  });

  it('is a backend, whose failure is a no, in the log and a metric', async () => {
    const asked: unknown[] = [];
    let status = 200;
    const backend = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      asked.push(JSON.parse(body));
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ guilds: ['5'] }));
    });
    const { http, close } = await listen(backend);
    onTestFinished(close);
    const server = await start({ DIRECTORY_URL: `${http}/guilds` });
    const one = await server.connected(await tokenOf({ guilds: [] }));
    expect(await one.emitWithAck('subscribe:guild', '5')).toEqual({ ok: true });
    expect(asked).toEqual([{ discordId: '100' }]);
    status = 500;
    const other = await server.connected(await tokenOf({ discordId: '101', guilds: ['1'] }));
    expect(await other.emitWithAck('subscribe:guild', '5')).toEqual({
      ok: false,
      message: 'Not authorized for this guild',
    });
    expect(await other.emitWithAck('subscribe:guild', '1')).toEqual({ ok: true });
    expect(server.logger.text).toContain('the directory gives no answer: denied');
    expect(await (await server.get('/metrics')).text()).toMatch(/roomcast_directory_failures_total 1/);
  });

  it('that is broken ends the start in one line', async () => {
    const folder = await start();
    const path = join(folder.stateDir, 'directory.json');
    writeFileSync(path, JSON.stringify({ users: { '100': ['5', ''] } }));
    await expect(start({ DIRECTORY_FILE: path })).rejects.toThrow(/^DIRECTORY_FILE: .*users\.100\.1/);
  });
});

describe('several instances', () => {
  it('share rooms, and one of them has the source', async () => {
    const broker = new MemoryBroker();
    const clock = new ManualClock(Date.now());
    const running = new Set<string>();
    const source = (name: string) => ({ start: () => running.add(name), stop: () => running.delete(name) });
    const a = await start({}, { bus: broker.connect('a'), source: source('a'), clock });
    const b = await start({}, { bus: broker.connect('b'), source: source('b'), clock });
    for (let second = 0; second < 25; second++) await clock.advance(1000);
    expect(running.size).toBe(1);
    const socket = await b.connected(await tokenOf());
    await socket.emitWithAck('subscribe:guild', '1');
    const told = next(socket, 'message:new');
    expect((await a.publish({ guildId: '1', event: 'message:new', data: message })).status).toBe(202);
    expect(await told).toEqual({ guildId: '1', ...message });
  });

  it('refuse polling that is not sticky in words that say what to do', async () => {
    const broker = new MemoryBroker();
    const clock = new ManualClock(Date.now());
    const a = await start({}, { bus: broker.connect('a'), clock });
    const b = await start({}, { bus: broker.connect('b'), clock });
    for (let second = 0; second < 5; second++) await clock.advance(1000);
    const path = '/socket.io/?EIO=4&transport=polling';
    const { sid } = JSON.parse((await (await a.get(path)).text()).slice(1)) as { sid: string };
    const strayed = await b.get(`${path}&sid=${sid}`);
    expect(strayed.status).toBe(400);
    expect(((await strayed.json()) as { message: string }).message).toContain('sticky sessions');
  });
});

describe('the log', () => {
  it('holds no token', async () => {
    const server = await start({ DISCORD_BOT_TOKEN: 'a-bot-token' }, { source: { start() {}, stop() {} } });
    const token = await tokenOf();
    await server.connected(token);
    await next(server.client({ auth: { token: `${token}x` } }), 'connect_error');
    for (const hidden of [token, secret, 'a-bot-token']) expect(server.logger.text).not.toContain(hidden);
  });
});
