import { connect } from 'node:net';
import { type Engine, MemoryBroker } from '@roomcast/engine';
import { demoSessions, type HttpOptions, type HttpServerOptions, Readiness } from '@roomcast/server';
import { eventually, openClient, RecordingLogger } from '@roomcast/testing';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { chatGateway, quietEngine } from './support/chat.js';
import { exchange } from './support/raw.js';
import { serve } from './support/serve.js';

function start(options: Partial<HttpOptions> = {}, server: HttpServerOptions = {}) {
  return serve({ engine: quietEngine(), ...options }, server);
}

async function getJson(url: string, init?: RequestInit): Promise<[number, unknown]> {
  const response = await fetch(url, init);
  return [response.status, await response.json()];
}

describe('health and readiness', () => {
  test('a server that is well says so', async () => {
    const { http } = await start();
    expect(await getJson(`${http}/healthz`)).toEqual([200, { status: 'ok' }]);
    expect(await getJson(`${http}/readyz`)).toEqual([200, { ready: true, parts: { bus: 'ok', draining: 'ok' } }]);
  });

  test('one without its bus is up and not ready', async () => {
    const bus = new MemoryBroker().connect();
    const { http } = await start({ engine: quietEngine({ bus }) });
    await eventually(async () => (await fetch(`${http}/readyz`)).ok, 'readiness');
    bus.setStatus('down');
    expect(await getJson(`${http}/readyz`)).toEqual([503, { ready: false, parts: { bus: 'down', draining: 'ok' } }]);
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
    bus.setStatus('up');
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
  });

  test('one whose bus refuses its subscriptions asks again when it is looked at', async () => {
    const logger = new RecordingLogger();
    let refuses = true;
    const engine = {
      stats: () => quietEngine().stats(),
      ready: async () => {
        if (refuses) throw new Error('refused');
      },
    };
    const readiness = new Readiness(engine, {}, logger);
    await eventually(() => logger.text.includes('refuses what this instance needs'), 'the line in the log');
    expect(await readiness.check()).toMatchObject({ ready: false, parts: { bus: 'not subscribed yet' } });
    refuses = false;
    await eventually(async () => (await readiness.check()).ready, 'readiness');
  });

  test('one that lets its sessions go is not ready, and asks for connections to be ended', async () => {
    const engine = quietEngine();
    const { http } = await start({ engine });
    await engine.drain(1);
    const response = await fetch(`${http}/readyz`);
    expect(response.status).toBe(503);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toMatchObject({ parts: { draining: 'shutting down' } });
  });

  test('checks of its own count, also those that fail or never answer', async () => {
    const logger = new RecordingLogger();
    let feed: string | undefined = 'no killmail for 60 s';
    const { http } = await start({
      logger,
      readiness: { feed: () => feed, broken: async () => Promise.reject(new Error('oops')) },
    });
    expect(await getJson(`${http}/readyz`)).toMatchObject([
      503,
      { parts: { feed: 'no killmail for 60 s', broken: 'the check failed', bus: 'ok' } },
    ]);
    expect(logger.text).toContain('a readiness check failed');
    feed = undefined;
    expect(await getJson(`${http}/readyz`)).toMatchObject([503, { parts: { feed: 'ok' } }]);

    const { http: stuck } = await start({ readiness: { stuck: () => new Promise(() => {}) } });
    expect(await getJson(`${stuck}/readyz`)).toMatchObject([503, { parts: { stuck: 'no answer in time' } }]);
  });
});

describe('paths', () => {
  const routes = new Hono();
  routes.get('/ping', (c) => c.text('pong', 200, { 'Cache-Control': 'max-age=1' }));
  routes.get('/loose', (c) => c.text('text', 200, { 'X-Content-Type-Options': 'anything' }));
  routes.post('/echo', async (c) => c.json(await c.req.json()));
  routes.get('/broken', () => {
    throw new Error('the database password is hunter2');
  });

  test('a service has its own beside the common ones; others are 404 in JSON', async () => {
    const { http } = await start({ routes });
    const ping = await fetch(`${http}/ping`);
    expect(await ping.text()).toBe('pong');
    expect(ping.headers.get('cache-control')).toBe('max-age=1');
    expect(await getJson(`${http}/elsewhere`)).toEqual([404, { error: 'Not found' }]);
    expect(await getJson(`${http}/admin/sessions`)).toEqual([404, { error: 'Not found' }]);
  });

  test('every answer is marked as not to be sniffed and not to be stored', async () => {
    const { http } = await start({ routes });
    for (const path of ['/healthz', '/elsewhere', '/broken', '/loose']) {
      const { headers } = await fetch(http + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('a handler that fails is a 500 that tells nothing, with a line in the log', async () => {
    const logger = new RecordingLogger();
    const { http } = await start({ routes, logger });
    expect(await getJson(`${http}/broken?token=hunter3`)).toEqual([500, { error: 'Internal error' }]);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { method: 'GET', path: '/broken' } }]);
    expect(logger.text).not.toContain('hunter3');
  });

  test.each([-1, 0, 1])('bodies to its own paths hold so many bytes: %i beyond', async (beyond) => {
    const { http } = await start({ routes, maxBodyBytes: 100 });
    const body = JSON.stringify('x'.repeat(98 + beyond));
    expect((await fetch(`${http}/echo`, { method: 'POST', body })).status).toBe(beyond > 0 ? 413 : 200);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half' };
    expect((await fetch(`${http}/echo`, init as RequestInit)).status).toBe(beyond > 0 ? 413 : 200);
  });

  test('a request that is none is 400', async () => {
    const { port } = await start();
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('{"error":"Bad request"}');
    expect(await exchange(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('CORS', () => {
  const origin = 'https://app.example.com';

  test('pages of an allowed origin may read every answer', async () => {
    const { http } = await start({ origins: [origin], publishToken: 'publish-token' });
    for (const [path, expected] of [
      ['/healthz', 200],
      ['/elsewhere', 404],
      ['/api/publish', 404],
    ] as const) {
      const { status, headers } = await fetch(http + path, { headers: { origin } });
      expect(status).toBe(expected);
      expect(headers.get('access-control-allow-origin'), path).toBe(origin);
      expect(headers.get('vary')).toContain('Origin');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('pages of other origins may read none', async () => {
    const { http } = await start({ origins: [origin] });
    for (const other of ['https://example.com', `${origin}.evil.example`, 'null', 'http://app.example.com']) {
      const { headers } = await fetch(`${http}/healthz`, { headers: { origin: other } });
      expect(headers.get('access-control-allow-origin'), other).toBeNull();
    }
  });

  test('a preflight is answered, for the headers that are asked for', async () => {
    const { http } = await start({ origins: [origin], publishToken: 'publish-token' });
    const preflight = (from: string) =>
      fetch(`${http}/api/publish`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,idempotency-key',
        },
      });
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type,idempotency-key');
    expect(headers.get('access-control-max-age')).toBe('600');
    expect((await preflight('https://example.com')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('cookies may come along where they authenticate, but not from everywhere', async () => {
    const { http } = await start({ origins: [origin], credentials: true });
    const { headers } = await fetch(`${http}/healthz`, { headers: { origin } });
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    const { http: open } = await start({ origins: '*', credentials: true });
    const all = (await fetch(`${open}/healthz`, { headers: { origin: 'https://any.example' } })).headers;
    expect(all.get('access-control-allow-origin')).toBe('*');
    expect(all.get('access-control-allow-credentials')).toBeNull();
  });

  test('by default only pages of the same host and port are let in', async () => {
    const { http, port } = await start();
    const allowed = async (from: string) =>
      (await fetch(`${http}/healthz`, { headers: { origin: from } })).headers.get('access-control-allow-origin');
    expect(await allowed(`http://127.0.0.1:${port}`)).toBe(`http://127.0.0.1:${port}`);
    expect(await allowed(`http://127.0.0.1:${port + 1}`)).toBeNull();
    expect(await allowed(`http://localhost:${port}`)).toBeNull();
  });
});

describe('limits', () => {
  const headersOf = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join('');

  test.each([-1, 0, 1])('of header lines: %i beyond', async (beyond) => {
    const refused: number[] = [];
    const { port } = await start({}, { maxHeaders: 93, onRefused: (status) => refused.push(status) });
    const lines = headersOf(93 + beyond - 2);
    const answer = await exchange(port, `GET /healthz HTTP/1.1\r\nHost: host\r\nConnection: close\r\n${lines}\r\n`);
    expect(answer).toMatch(beyond > 0 ? /^HTTP\/1.1 431 / : /^HTTP\/1.1 200 /);
    expect(refused).toEqual(beyond > 0 ? [431] : []);
  });

  test('of header lines holds for very many too', async () => {
    const { port } = await start({}, { maxHeaders: 93 });
    const lines = headersOf(500);
    const answer = await exchange(port, `GET /healthz HTTP/1.1\r\nHost: host\r\nConnection: close\r\n${lines}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
  });

  test('of the time for headers, and of the time for a whole request', async () => {
    const { port } = await start(
      { publishToken: 'publish-token', gateways: [] },
      { headersTimeoutMs: 200, requestTimeoutMs: 400 },
    );
    const [headers, nothing, body] = await Promise.all([
      exchange(port, 'GET /healthz HTTP/1.1\r\nHost: host\r\n'),
      exchange(port, ''),
      exchange(port, 'POST /echo HTTP/1.1\r\nHost: host\r\nContent-Length: 10\r\n\r\nabc'),
    ]);
    expect(headers).toMatch(/^HTTP\/1.1 408 /);
    expect(nothing).toMatch(/^HTTP\/1.1 408 /);
    expect(body).toMatch(/^HTTP\/1.1 (404|408) /);
  });

  test('a connection that ends in the middle of a body does no harm', async () => {
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const { port, http } = await start({ engine, gateways: [chat], publishToken: 'publish-token' });
    const head = 'POST /api/publish HTTP/1.1\r\nHost: host\r\nAuthorization: Bearer publish-token\r\n';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"room":`, () =>
        socket.destroy(),
      );
    });
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
    expect(chat.seen).toEqual([]);
  });
});

describe('metrics', () => {
  async function read(http: string, token?: string): Promise<Record<string, number>> {
    const response = await fetch(`${http}/metrics`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    expect(response.status).toBe(200);
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }

  async function busyServer(): Promise<{ http: string; engine: Engine }> {
    const broker = new MemoryBroker();
    const engine = quietEngine({ maxConnections: 2, bus: broker.connect() });
    const chat = chatGateway(engine);
    const { http, ws } = await start({ engine, gateways: [chat], publishToken: 'publish-token' });
    await engine.ready();
    await broker.connect().publish('roomcast.$cluster', 'of another program');
    const client = await openClient(`${ws}/ws`);
    const other = await openClient(`${ws}/ws`);
    await expect(openClient(`${ws}/ws`)).rejects.toMatchObject({ status: 503 });
    client.send('lobby');
    await client.next();
    const headers = { authorization: 'Bearer publish-token', 'content-type': 'application/json' };
    await fetch(`${http}/api/publish`, { method: 'POST', headers, body: '{"room":"lobby","text":"hello"}' });
    await fetch(`${http}/api/publish`, { method: 'POST', headers, body: '{}' });
    await client.next();
    await other.close(3001);
    return { http, engine };
  }

  test('tell what the engine counts', async () => {
    const { http } = await busyServer();
    await eventually(async () => (await read(http))['roomcast_sessions{mount="chat"}'] === 1, 'the close');
    const first = await read(http);
    const second = await read(http);
    for (const metrics of [first, second]) {
      expect(metrics).toMatchObject({
        roomcast_members: 1,
        roomcast_bus_up: 1,
        roomcast_draining: 0,
        roomcast_connections: 1,
        roomcast_queued_bytes: 0,
        roomcast_blocked_sessions: 0,
        roomcast_cluster_messages_ignored_total: 1,
        'roomcast_sessions{mount="chat"}': 1,
        'roomcast_rooms{mount="chat"}': 1,
        'roomcast_sessions_opened_total{mount="chat"}': 2,
        'roomcast_messages_received_total{mount="chat"}': 1,
        'roomcast_events_published_total{mount="chat"}': 1,
        'roomcast_frames_delivered_total{mount="chat"}': 1,
        'roomcast_upgrades_refused_total{mount="chat",status="503"}': 1,
        'roomcast_sessions_closed_total{mount="chat",code="3001"}': 1,
        'roomcast_publish_requests_total{gateway="chat",status="202"}': 1,
        'roomcast_publish_requests_total{gateway="chat",status="400"}': 1,
        'roomcast_http_requests_total{status="202"}': 1,
      });
      expect(metrics.nodejs_eventloop_lag_seconds).toBeDefined();
    }
  });

  test('ask for their token', async () => {
    const { http } = await start({ metricsToken: 'metrics-token' });
    expect((await fetch(`${http}/metrics`)).status).toBe(401);
    const wrong = { headers: { authorization: 'Bearer metrics-tokem' } };
    expect((await fetch(`${http}/metrics`, wrong)).status).toBe(401);
    expect(await read(http, 'metrics-token')).toMatchObject({ roomcast_bus_up: 1 });
  });
});

test('demo sessions: who there is, and a token for one of them', async () => {
  const identities = [{ id: 'ann', role: 'manager' }, { id: 'bob' }];
  const routes = demoSessions({
    identities,
    issue: ({ id }) => ({ token: `token of ${id}`, ...(id === 'bob' ? { cookie: `session=${id}` } : {}) }),
  });
  const { http } = await start({ routes });
  expect(await getJson(`${http}/demo/session`)).toEqual([200, { identities }]);
  const post = (body: unknown) => fetch(`${http}/demo/session`, { method: 'POST', body: JSON.stringify(body) });
  const ann = await post({ identity: 'ann' });
  expect([ann.status, await ann.json()]).toEqual([200, { token: 'token of ann', identity: identities[0] }]);
  expect(ann.headers.get('set-cookie')).toBeNull();
  expect((await post({ identity: 'bob' })).headers.get('set-cookie')).toBe('session=bob');
  expect((await post({ identity: 'eve' })).status).toBe(404);
  expect((await post({})).status).toBe(400);
  expect((await fetch(`${http}/demo/session`, { method: 'POST', body: '{' })).status).toBe(400);
});
