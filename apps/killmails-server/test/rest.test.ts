import { createEngine } from '@roomcast/engine';
import { killmailsGateway } from '@roomcast/killmails-gateway';
import { ManualClock } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FeedStatus } from '../src/feed.js';
import { ClusterFigures } from '../src/figures.js';
import { type RestOptions, restRoutes } from '../src/rest.js';
import { recorded } from './support/kills.js';

const hourMs = 3_600_000;

function restOf({ feed, ...options }: Partial<RestOptions> & { feed?: () => FeedStatus } = {}) {
  const clock = new ManualClock();
  const engine = createEngine({ clock });
  onTestFinished(() => engine.close());
  const gateway = killmailsGateway(engine, { tokens: ['test-token'], countWindowHours: 1 });
  const app = restRoutes({
    gateway,
    anonymous: false,
    maxSystems: 100,
    trustProxy: 0,
    now: () => clock.now(),
    isDraining: () => false,
    figures: new ClusterFigures({
      cluster: engine.cluster,
      gateway,
      feed: () => feed?.(),
      now: () => clock.now(),
    }),
    ...options,
  });
  /** Publishes a real kill as if it had happened so long ago. */
  const kill = (id: number, system: number, hoursAgo = 0, index = 0) => {
    const { killmail, zkb } = recorded[index] as (typeof recorded)[number];
    const killmail_time = new Date(clock.now() - hoursAgo * hourMs).toISOString();
    const parsed = gateway.parse({
      killmail: { ...killmail, killmail_id: id, solar_system_id: system, killmail_time },
      zkb,
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    gateway.publish(parsed.event);
  };
  const get = async (path: string, init?: RequestInit) => {
    const response = await app.request(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, never>, response };
  };
  const post = (path: string, body: unknown) =>
    get(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { app, clock, gateway, kill, get, post };
}

const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('information', () => {
  test('GET /ping', async () => {
    const { app } = restOf();
    const response = await app.request('/ping');
    expect([response.status, await response.text()]).toEqual([200, 'pong']);
  });

  test('GET /health tells when the server is going', async () => {
    let draining = false;
    const { get } = restOf({ isDraining: () => draining });
    expect(await get('/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', healthy: true, data: { healthy: true }, timestamp },
    });
    draining = true;
    expect(await get('/health')).toMatchObject({ status: 503, body: { healthy: false } });
  });

  test('GET /status tells of the feed and the kills', async () => {
    const { get, kill } = restOf({ feed: () => ({ source: 'r2z2', state: 'caught up', sequence: 7 }) });
    kill(1, 30000142);
    const { status, body } = await get('/status');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      status: 'operational',
      feed: { source: 'r2z2', state: 'caught up', sequence: 7 },
      killmails: { received: 1, kept: 1 },
      websocket: { active_connections: 0, subscribed_systems: 0 },
    });
  });

  test('GET /websocket and /websocket/status', async () => {
    const { get } = restOf({ maxSystems: 7 });
    const { body } = await get('http://kills.example:4004/websocket');
    expect(body.data).toMatchObject({
      websocket_url: 'ws://kills.example:4004/socket',
      endpoint: '/socket/websocket',
      channels: { killmails: 'killmails:lobby' },
      authentication: { required: true, parameter: 'token' },
      limits: { max_systems_per_subscription: 7, timeout_seconds: 45 },
    });
    expect((await get('/websocket/status')).body.data).toMatchObject({ active_connections: 0 });
  });

  test('the old webhook call is gone and names the WebSocket', async () => {
    const { post } = restOf();
    const old = { subscriber_id: 'my-app', system_ids: [30000142], callback_url: 'https://my-app.example/webhook' };
    const { status, body } = await post('http://kills.example/api/v1/subscribe', old);
    expect(status).toBe(410);
    expect(body).toMatchObject({
      error: expect.stringContaining('ws://kills.example/socket'),
      code: 'GONE',
      details: { websocket_url: 'ws://kills.example/socket', channel: 'killmails:lobby' },
      timestamp,
    });
  });

  test('the WebSocket URL is secure where the client came over https', async () => {
    const init = { headers: { 'X-Forwarded-Proto': 'https' } };
    const url = 'http://kills.example/websocket';
    const { get } = restOf({ trustProxy: 1 });
    expect((await get(url, init)).body.websocket_url).toBe('wss://kills.example/socket');
    expect((await get('https://kills.example/websocket')).body.websocket_url).toBe('wss://kills.example/socket');
    // Nobody's word is taken for it where no proxy is expected.
    expect((await restOf().get(url, init)).body.websocket_url).toBe('ws://kills.example/socket');
  });
});

describe('reading', () => {
  test("GET /api/v1/kills/system/:id gives a system's kills, the newest first", async () => {
    const { get, kill } = restOf();
    kill(1, 30000142, 5);
    kill(2, 30000142, 1);
    kill(3, 30002187, 1);
    const { status, body } = await get('/api/v1/kills/system/30000142');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: {
        kills: [
          { killmail_id: 2, solar_system_id: 30000142, system_id: 30000142 },
          { killmail_id: 1, system_id: 30000142 },
        ],
        cached: true,
        error: null,
      },
      timestamp,
    });
  });

  test('since_hours counts by the time of the kill, limit by the newest', async () => {
    const { get, kill } = restOf();
    kill(1, 30000142, 30);
    kill(2, 30000142, 10);
    kill(3, 30000142, 0.4);
    const ids = async (query: string) => {
      const { body } = await get(`/api/v1/kills/system/30000142${query}`);
      return (body as unknown as { data: { kills: { killmail_id: number }[] } }).data.kills.map(
        ({ killmail_id }) => killmail_id,
      );
    };
    expect(await ids('')).toEqual([3, 2]);
    expect(await ids('?since_hours=48')).toEqual([3, 2, 1]);
    expect(await ids('?since_hours=0.5')).toEqual([3]);
    expect(await ids('?since_hours=48&limit=2')).toEqual([3, 2]);
  });

  test('a system without kills is an empty list', async () => {
    const { get } = restOf();
    expect(await get('/api/v1/kills/system/30000142')).toMatchObject({ status: 200, body: { data: { kills: [] } } });
  });

  test('POST /api/v1/kills/systems gives the kills of several, each system once', async () => {
    const { post, kill } = restOf();
    kill(1, 30000142, 1);
    kill(2, 30002187, 1);
    kill(3, 30002187, 2);
    const system_ids = [30002187, 30000142, 31000005, 30000142];
    const { status, body } = await post('/api/v1/kills/systems', { system_ids, since_hours: 24, limit: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: { systems_kills: { 30000142: [{ killmail_id: 1 }], 30002187: [{ killmail_id: 2 }], 31000005: [] } },
      timestamp,
    });
  });

  test('GET /api/v1/kills/count/:id gives the kills within the window', async () => {
    const { get, kill, clock } = restOf();
    kill(1, 30000142, 100);
    kill(2, 30000142);
    const count = async () => (await get('/api/v1/kills/count/30000142')).body.data;
    expect(await count()).toEqual({ system_id: 30000142, count: 2, timestamp });
    await clock.advance(hourMs + 60_000);
    expect(await count()).toMatchObject({ count: 0 });
  });

  test('GET /api/v1/killmail/:id gives one kill', async () => {
    const { get, kill } = restOf();
    kill(77, 30000142);
    const { status, body } = await get('/api/v1/killmail/77');
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: { killmail_id: 77, system_id: 30000142, attacker_count: 7 }, timestamp });
    expect(await get('/api/v1/killmail/78')).toMatchObject({
      status: 404,
      body: { error: expect.any(String), code: 'NOT_FOUND', details: {}, timestamp },
    });
  });

  test('an answer larger than a megabyte is whole', async () => {
    const { get, kill } = restOf();
    const largest = recorded.findIndex(({ killmail }) => killmail.attackers.length > 3000);
    for (let id = 1; id <= 4; id++) kill(id, 30000142, 0, largest);
    const { body } = await get('/api/v1/kills/system/30000142');
    const { kills } = (body as unknown as { data: { kills: { attackers: unknown[] }[] } }).data;
    expect(kills.map(({ attackers }) => attackers.length)).toEqual([3753, 3753, 3753, 3753]);
  });
});

describe('bad input', () => {
  test.each(['abc', '0', '-1', '1.5', '32000001', '99999999999999999999', '%00', '1e3', ' 1', '0x10', '__proto__'])(
    'system %s is refused',
    async (id) => {
      const { get } = restOf();
      for (const path of ['kills/system', 'kills/count']) {
        expect(await get(`/api/v1/${path}/${id}`)).toMatchObject({
          status: 400,
          body: { code: 'INVALID_SYSTEM_ID', error: expect.stringContaining('expected'), timestamp },
        });
      }
    },
  );

  test.each(['abc', '0', '-1', '9007199254740993'])('killmail %s is refused', async (id) => {
    const { get } = restOf();
    const { status, body } = await get(`/api/v1/killmail/${id}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_KILLMAIL_ID' });
  });

  test.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=1001'],
    ['limit', 'limit=x'],
    ['limit', 'limit='],
    ['since_hours', 'since_hours=0'],
    ['since_hours', 'since_hours=-1'],
    ['since_hours', 'since_hours=Infinity'],
    ['since_hours', 'since_hours=1e9'],
    ['since_hours', 'since_hours='],
  ])('%s of the query %s is refused', async (field, query) => {
    const { get } = restOf();
    expect(await get(`/api/v1/kills/system/30000142?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_PARAMETERS', details: { issues: [{ path: field }] } },
    });
  });

  test.each([
    ['INVALID_PARAMETERS', ''],
    ['INVALID_PARAMETERS', '{"system_ids":'],
    ['INVALID_PARAMETERS', 'null'],
    ['INVALID_PARAMETERS', '[]'],
    ['INVALID_SYSTEM_IDS', {}],
    ['INVALID_SYSTEM_IDS', { system_ids: [] }],
    ['INVALID_SYSTEM_IDS', { system_ids: '30000142' }],
    ['INVALID_SYSTEM_IDS', { system_ids: [30000142, 'x'] }],
    ['INVALID_SYSTEM_IDS', { system_ids: [0] }],
    ['INVALID_SYSTEM_IDS', { system_ids: Array.from({ length: 1001 }, (_, index) => index + 1) }],
    ['INVALID_PARAMETERS', { system_ids: [1], since_hours: 0 }],
    ['INVALID_PARAMETERS', { system_ids: [1], since_hours: '24' }],
    ['INVALID_PARAMETERS', { system_ids: [1], limit: 1001 }],
  ])('%s for the bulk request %j', async (code, body) => {
    const { post } = restOf();
    expect(await post('/api/v1/kills/systems', body)).toMatchObject({
      status: 400,
      body: { code, error: expect.stringContaining('expected'), details: { issues: expect.any(Array) }, timestamp },
    });
  });

  test('an unknown path and a wrong method are told in the same form', async () => {
    const { get, post } = restOf();
    const nothing = { status: 404, body: { error: expect.any(String), code: 'NOT_FOUND', timestamp } };
    expect(await get('/api/v1/kills')).toMatchObject(nothing);
    expect(await get('/api/v1/subscribe')).toMatchObject(nothing);
    expect(await post('/api/v1/killmail/1', {})).toMatchObject(nothing);
  });
});
