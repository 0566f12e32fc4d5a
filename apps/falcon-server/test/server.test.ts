import { MemoryBroker } from '@roomcast/engine';
import { eventually, ManualClock, openClient, UpgradeRefused } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { demoCookie } from '../src/demo/identities.js';
import { readFalconEnvironment } from '../src/index.js';
import { type Frame, publishToken, secret, start, tokenOf, told } from './support/server.js';

const page = 'http://app.example.com';

describe('a connection', () => {
  it('is opened by a cookie or a Bearer token, and refused without', async () => {
    const server = await start();
    const url = `${server.url.replace('http', 'ws')}/websocket/connect`;
    const open = (headers: Record<string, string>) =>
      openClient(url, { headers }).then(
        () => 101,
        (error: unknown) => (error as UpgradeRefused).status,
      );
    const token = await tokenOf();
    expect(await open({ Authorization: `Bearer ${token}` })).toBe(101);
    expect(await open({ Cookie: `falcon_auth_token=${token}` })).toBe(101);
    expect(await open({ Cookie: `falcon_auth_token=${token}`, Authorization: 'Bearer bad' })).toBe(401);
    expect(await open({ Cookie: `falcon_auth_token=${await tokenOf({ iss: 'another' })}` })).toBe(401);
    expect(await open({})).toBe(401);
    expect(await open({ Cookie: `falcon_auth_token=${token}`, Origin: page })).toBe(403);
    expect(server.logger.text).not.toContain(token);
  });

  it('of a page needs an origin that ALLOWED_ORIGINS names', async () => {
    const server = await start({ ALLOWED_ORIGINS: page });
    const url = `${server.url.replace('http', 'ws')}/websocket/connect`;
    const headers = { Cookie: `falcon_auth_token=${await tokenOf()}` };
    await openClient(url, { headers, origin: page });
    await expect(openClient(url, { headers, origin: 'http://example.com' })).rejects.toBeInstanceOf(UpgradeRefused);
    const preflight = await server.request('/websocket/status', { headers: { Origin: page } });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(page);
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
  });

  it('with ALLOWED_ORIGINS=* is not opened by a cookie that a page’s browser sends along', async () => {
    const server = await start({ ALLOWED_ORIGINS: '*' });
    const url = `${server.url.replace('http', 'ws')}/websocket/connect`;
    const token = await tokenOf();
    await openClient(url, { headers: { Authorization: `Bearer ${token}` }, origin: page });
    const byCookie = openClient(url, { headers: { Cookie: `falcon_auth_token=${token}` }, origin: page });
    await expect(byCookie).rejects.toMatchObject({ status: 401 });
    expect(server.logger.text).toContain('cookies count only from pages of this server');
  });

  it('is no plain request', async () => {
    const server = await start();
    const answer = await server.request('/websocket/connect');
    expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });
});

describe('publishing', () => {
  it('over HTTP delivers to whom an event is for', async () => {
    const server = await start();
    const [ada, bob] = [await server.client(), await server.client({ user_id: 'bob' })];
    const events = [
      { type: 'user_profile_update', data: { user_id: 'bob', profile: {} }, timestamp: '2024-01-01T12:00:00Z' },
      { type: 'system_notification', data: { message: 'Hello' } },
    ];
    expect(await server.publish(events)).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect((await told(ada)).map(({ type }) => type)).toEqual(['system_notification']);
    expect((await told(bob)).map(({ type }) => type)).toEqual(['user_profile_update', 'system_notification']);
  });

  it('tells what is wrong, field by field, and publishes nothing', async () => {
    const server = await start();
    const ada = await server.client();
    const answer = await server.publish([
      { type: 'message', data: 1 },
      { type: 'group_membership_change', data: {} },
    ]);
    expect(answer.status).toBe(400);
    expect(answer.body.issues.map(({ path }: { path: string }) => path)).toEqual([
      '1.data.user_id',
      '1.data.group_id',
      '1.data.joined',
    ]);
    expect(await told(ada)).toEqual([]);
  });
});

describe('several servers on a bus', () => {
  it('act as one', async () => {
    const broker = new MemoryBroker();
    const [one, two] = [await start({}, { bus: broker.connect() }), await start({}, { bus: broker.connect() })];
    const [ada, tab] = [await one.client(), await two.client()];
    const change = { type: 'group_membership_change', data: { user_id: 'ada', group_id: 'g', joined: true } };
    await one.publish(change);
    for (const client of [ada, tab]) {
      const frames: Frame[] = [];
      await eventually(async () => {
        frames.push(...(await told(client)));
        return frames.some(({ type, data }) => type === 'room_joined' && data.room_id === 'group:g');
      });
      expect(frames.filter(({ type }) => type === 'group_membership_change')).toHaveLength(1);
    }
    await one.publish({ type: 'system_notification', data: { message: 'to everybody' } });
    await eventually(async () => (await told(tab)).some(({ data }) => data.message === 'to everybody'));
    await eventually(async () => (await two.get('/websocket/rooms/group:g')).body.member_count === 2);
    const { body } = await one.get('/websocket/connections?room_id=group:g');
    expect(body.connections.map(({ id }: { id: string }) => id)).toEqual([ada.connection, tab.connection].sort());
    expect((await one.get('/admin/sessions')).body.total).toBe(2);
  });
});

describe('the status', () => {
  it('is open to everybody', async () => {
    const server = await start();
    await server.client();
    const { status, body } = await server.request('/websocket/status');
    expect(status).toBe(200);
    expect(body).toEqual({
      module: 'websocket',
      status: 'healthy',
      stats: {
        total_connections: 1,
        active_connections: 1,
        total_rooms: 1,
        messages_processed: 1,
        messages_broadcast: expect.any(Number),
        last_connection_time: expect.stringMatching(/Z$/),
      },
      message: 'The WebSocket service is running',
    });
  });

  it('is unhealthy while the bus is down', async () => {
    const bus = new MemoryBroker().connect();
    const server = await start({}, { bus });
    bus.setStatus('down');
    expect((await server.request('/websocket/status')).body).toMatchObject({ status: 'unhealthy' });
    expect((await server.request('/readyz')).status).toBe(503);
    bus.setStatus('up');
    expect((await server.request('/websocket/status')).body).toMatchObject({ status: 'healthy' });
  });
});

describe('the standard paths', () => {
  it('answer', async () => {
    const server = await start();
    await server.client();
    expect((await server.request('/healthz')).status).toBe(200);
    expect((await server.request('/readyz')).status).toBe(200);
    expect((await server.get('/admin/sessions')).body).toMatchObject({ total: 1, sessions: [{ identity: 'ada' }] });
    expect((await server.request('/admin/sessions')).status).toBe(401);
    expect((await server.request('/websocket/nothing')).status).toBe(404);
    const metrics = await fetch(`${server.url}/metrics`);
    expect(await metrics.text()).toContain('roomcast_');
  });
});

describe('a demonstration', () => {
  const quiet = () => ({ clock: new ManualClock(Date.now()) });

  it('has identities with tokens and cookies that open a connection', async () => {
    const server = await start({ DEMO: '1' }, quiet());
    const { identities } = (await server.request('/demo/session')).body;
    expect(identities).toHaveLength(5);
    for (const { id } of identities) {
      const answer = await server.post('/demo/session', { identity: id });
      const cookie = answer.headers.get('set-cookie') ?? '';
      expect(cookie).toBe(`falcon_auth_token=${answer.body.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600`);
      const url = `${server.url.replace('http', 'ws')}/websocket/connect`;
      const client = await openClient(url, { headers: { Cookie: cookie.split(';')[0] as string } });
      expect(await client.nextJson()).toMatchObject({ data: { user_id: id } });
    }
  });

  it('gives a cookie for encrypted connections alone where it has them', () => {
    expect(demoCookie('token', true)).toBe(`${demoCookie('token', false)}; Secure`);
  });

  it('lets its administrator administer, and nobody else', async () => {
    const server = await start({ DEMO: '1' }, quiet());
    const statuses: number[] = [];
    for (const { id } of (await server.request('/demo/session')).body.identities) {
      const { token } = (await server.post('/demo/session', { identity: id })).body;
      statuses.push(
        (await server.request('/websocket/rooms', { headers: { Authorization: `Bearer ${token}` } })).status,
      );
    }
    expect(statuses).toEqual([403, 403, 403, 403, 200]);
  });

  it('has groups, rooms and events of its own', async () => {
    const { clock } = quiet();
    const server = await start({ DEMO: '1' }, { clock });
    const commander = '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001';
    const newcomer = '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0004';
    const [one, other] = [await server.client({ user_id: commander }), await server.client({ user_id: newcomer })];
    const join = async (client: typeof one, room: string) => {
      client.send({ type: 'system', data: { action: 'join', room }, id: 'j' });
      return (await told(client)).find(({ id }) => id === 'j')?.type;
    };
    expect(await join(one, 'thread:fleet-op')).toBe('system');
    expect(await join(other, 'thread:fleet-op')).toBe('error');
    for (const client of [one, other]) {
      expect([await join(client, 'thread:welcome'), await join(client, 'my-own-room')]).toEqual(['system', 'system']);
    }
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) {
      await clock.advance(2000);
      for (const { type } of [...(await told(one)), ...(await told(other))]) seen.add(type);
    }
    for (const type of [
      'message',
      'notification',
      'custom_event',
      'user_profile_update',
      'group_membership_change',
      'system_notification',
      'room_joined',
      'room_left',
    ]) {
      expect(seen).toContain(type);
    }
  });

  it('is none without DEMO=1', async () => {
    const { clock } = quiet();
    const server = await start({}, { clock });
    const client = await server.client();
    await clock.advance(20_000);
    expect(await told(client)).toEqual([]);
    expect((await server.request('/demo/session')).status).toBe(404);
  });
});

describe('the environment', () => {
  it('has its defaults', () => {
    const env = readFalconEnvironment({ JWT_SECRET: secret });
    expect(env).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      MAX_DATA_BYTES: 32_768,
      MAX_PRESENCES_PER_CONNECTION: 500,
    });
  });

  it.each<[string, Record<string, string>]>([
    ['JWT_SECRET', {}],
    ['JWT_SECRET', { JWT_SECRET: 'short' }],
    ['MAX_DATA_BYTES', { JWT_SECRET: secret, MAX_DATA_BYTES: '0' }],
    ['MAX_PRESENCES_PER_CONNECTION', { JWT_SECRET: secret, MAX_PRESENCES_PER_CONNECTION: 'x' }],
    ['PUBLISH_TOKEN', { JWT_SECRET: secret, PUBLISH_TOKEN: publishToken.slice(0, 3) }],
  ])('refuses a bad %s with one line', (name, variables) => {
    expect(() => readFalconEnvironment(variables)).toThrow(new RegExp(`^${name}: expected [^\n]+$`));
  });

  it('sets the limits of connections', async () => {
    const server = await start({
      MAX_DATA_BYTES: '100',
      MAX_ROOMS_PER_CONNECTION: '1',
      MAX_PRESENCES_PER_CONNECTION: '1',
    });
    const ada = await server.client();
    const join = (room: string) => ({ type: 'system', data: { action: 'join', room } });
    const follow = { type: 'system', data: { action: 'subscribe_presence', userIds: ['a', 'b'] } };
    for (const one of [{ type: 'message', room: 'user:ada', data: 'x'.repeat(99) }, join('1'), join('2'), follow])
      ada.send(one);
    const codes = (await told(ada)).flatMap(({ data }) => data.code ?? []);
    expect(codes).toEqual(['data_too_large', 'too_many_rooms', 'too_many_presences']);
  });
});
