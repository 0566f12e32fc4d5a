import { CredentialsError, MemoryBroker } from '@roomcast/engine';
import type { FalconGateway } from '@roomcast/falcon-gateway';
import { describe, expect, it } from 'vitest';
import { administrators } from '../src/http/access.js';
import { type Answer, adminToken, secret, start, tokenOf, told } from './support/server.js';

const paths = ['/websocket/connections', '/websocket/connections/x', '/websocket/rooms', '/websocket/rooms/x'];
const posts = [
  '/websocket/broadcast',
  '/websocket/connections/x/message',
  '/websocket/users/x/message',
  '/websocket/rooms/x/message',
];

function isProblem(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: expect.any(String),
  });
}

describe('the administrators’ requests', () => {
  it('need a token, and one with the scope admin', async () => {
    const server = await start();
    const requests = [...paths.map((path) => ['GET', path] as const), ...posts.map((path) => ['POST', path] as const)];
    for (const [method, path] of requests) {
      isProblem(await server.request(path, { method }), 401);
      isProblem(await server.request(path, { method, headers: { Authorization: 'Bearer nonsense' } }), 401);
      isProblem(await server.request(path, { method, headers: { Authorization: `Bearer ${await tokenOf()}` } }), 403);
    }
  });

  it.each(['admin', 'read admin', ['read', 'admin']])('are open to who has it: %j', async (scopes) => {
    const server = await start();
    const token = await tokenOf({ scopes });
    const by = async (headers: Record<string, string>) =>
      (await server.request('/websocket/rooms', { headers })).status;
    expect(await by({ Authorization: `Bearer ${token}` })).toBe(200);
    expect(await by({ Cookie: `falcon_auth_token=${token}` })).toBe(200);
    expect(await by({ Authorization: `Bearer ${adminToken}` })).toBe(200);
  });

  it('are not open to a cookie that a browser sends along for a foreign page', async () => {
    const server = await start();
    const headers = {
      Cookie: `falcon_auth_token=${await tokenOf({ scopes: 'admin' })}`,
      Origin: 'https://example.com',
    };
    isProblem(await server.request('/websocket/broadcast', { method: 'POST', headers, body: '{}' }), 401);
  });

  it('without ADMIN_TOKEN are open to the scope alone', async () => {
    const server = await start({ ADMIN_TOKEN: '' });
    isProblem(await server.get('/websocket/rooms'), 401);
    const headers = { Authorization: `Bearer ${await tokenOf({ scopes: 'admin' })}` };
    expect((await server.request('/websocket/rooms', { headers })).status).toBe(200);
  });

  it('are put off where tokens can’t be verified now', async () => {
    const gateway: Pick<FalconGateway, 'authenticate'> = {
      authenticate: async () => ({ ok: false, reason: 'unavailable' }),
    };
    const { Hono } = await import('hono');
    const app = new Hono().use(administrators(gateway, undefined));
    expect((await app.request('/')).status).toBe(503);
    expect(new CredentialsError('unavailable', 'x').reason).toBe('unavailable');
  });
});

describe('lists', () => {
  it('have connections, filtered', async () => {
    const server = await start();
    const ada = await server.client({ groups: ['g'] });
    const bob = await server.client({ user_id: 'bob', character_id: 5, character_name: 'Bob' });
    const ids = async (query: string) => {
      const { status, body } = await server.get(`/websocket/connections${query}`);
      expect([status, body.total]).toEqual([200, body.connections.length]);
      return body.connections.map(({ id }: { id: string }) => id);
    };
    expect(await ids('')).toEqual([ada.connection, bob.connection].sort());
    expect(await ids('?user_id=bob')).toEqual([bob.connection]);
    expect(await ids('?character_id=123')).toEqual([ada.connection]);
    expect(await ids('?room_id=group:g')).toEqual([ada.connection]);
    expect(await ids('?user_id=bob&room_id=group:g')).toEqual([]);
    const { body } = await server.get(`/websocket/connections/${bob.connection}`);
    expect(body).toEqual({
      id: bob.connection,
      user_id: 'bob',
      character_id: 5,
      character_name: 'Bob',
      rooms: ['user:bob'],
      created_at: expect.stringMatching(/Z$/),
    });
    isProblem(await server.get('/websocket/connections/nobody'), 404);
    const page = await server.get('/websocket/connections?limit=1');
    expect(page.body).toMatchObject({ connections: [{}], total: 2, next: expect.any(String) });
  });

  it('have rooms, filtered', async () => {
    const server = await start();
    const ada = await server.client({ groups: ['g'] });
    const group = { id: 'group:g', type: 'group', name: 'g', member_count: 1 };
    const personal = { id: 'user:ada', type: 'personal', name: 'ada', member_count: 1 };
    expect((await server.get('/websocket/rooms')).body).toEqual({ rooms: [group, personal], total: 2 });
    expect((await server.get('/websocket/rooms?type=group')).body).toEqual({ rooms: [group], total: 1 });
    expect((await server.get(`/websocket/rooms?member_id=${ada.connection}`)).body.total).toBe(2);
    expect((await server.get('/websocket/rooms?member_id=nobody')).body).toEqual({ rooms: [], total: 0 });
    expect((await server.get('/websocket/rooms/group:g')).body).toEqual(group);
    expect((await server.get(`/websocket/rooms/${encodeURIComponent('user:ada')}`)).body).toEqual(personal);
    isProblem(await server.get('/websocket/rooms/group:none'), 404);
  });

  it.each([
    ['/websocket/rooms?type=secret', 'type'],
    ['/websocket/rooms?limit=0', 'limit'],
    ['/websocket/connections?character_id=x', 'character_id'],
    ['/websocket/connections?character_id=', 'character_id'],
    ['/websocket/connections?limit=1001', 'limit'],
    ['/websocket/connections?user=ada', ''],
  ])('refuse a query that makes no sense: %s', async (path, field) => {
    const server = await start();
    const answer = await server.get(path);
    isProblem(answer, 422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([field]);
  });
});

describe('messages of administrators', () => {
  const hello = { type: 'system_notification', data: { message: 'Hello' } };

  it('reach everybody, or a room', async () => {
    const server = await start();
    const [ada, bob] = [await server.client({ groups: ['g'] }), await server.client({ user_id: 'bob' })];
    const all = await server.post('/websocket/broadcast', hello);
    expect(all).toMatchObject({
      status: 200,
      body: { success: true, message_id: expect.any(String), recipients_count: 2, message: 'Sent to 2 connections' },
    });
    expect(Date.parse(all.body.timestamp)).toBeGreaterThan(0);
    for (const client of [ada, bob]) expect(await told(client)).toMatchObject([{ ...hello, id: all.body.message_id }]);
    const some = await server.post('/websocket/broadcast', { ...hello, room: 'group:g' });
    expect(some.body).toMatchObject({ recipients_count: 1, message: 'Sent to 1 connection' });
    expect([(await told(ada)).length, (await told(bob)).length]).toEqual([1, 0]);
    expect((await server.post('/websocket/broadcast', { ...hello, room: 'nowhere' })).body).toMatchObject({
      success: true,
      recipients_count: 0,
    });
  });

  it('reach a connection, a user, or the members of a room', async () => {
    const server = await start();
    const ada = await server.client({ groups: ['g'] });
    const tab = await server.client();
    const bob = await server.client({ user_id: 'bob', groups: ['g'] });
    await told(ada);
    const who = async (path: string, body: object = hello) => {
      const answer = await server.post(path, body);
      const counts = [];
      for (const client of [ada, tab, bob]) counts.push((await told(client)).length);
      return [answer.status, answer.body.recipients_count, ...counts];
    };
    expect(await who(`/websocket/connections/${tab.connection}/message`)).toEqual([200, 1, 0, 1, 0]);
    expect(await who('/websocket/users/ada/message')).toEqual([200, 2, 1, 1, 0]);
    expect(await who('/websocket/rooms/group:g/message')).toEqual([200, 2, 1, 0, 1]);
    const change = { type: 'group_membership_change', data: { user_id: 'bob', group_id: 'h', joined: true } };
    expect(await who('/websocket/broadcast', change)).toEqual([200, 1, 0, 0, 2]);
    for (const path of ['connections/nobody', 'users/nobody', 'rooms/nowhere']) {
      isProblem(await server.post(`/websocket/${path}/message`, hello), 404);
    }
  });

  it.each([
    ['not json', ['']],
    ['[]', ['']],
    ['{}', ['type']],
    ['{"type":"hello","data":{}}', ['type']],
    ['{"type":"message"}', ['data']],
    ['{"type":"message","data":1,"colour":"red"}', ['']],
    ['{"type":"group_membership_change","data":{"user_id":"ada"}}', ['data.group_id', 'data.joined']],
  ])('are refused where they make no sense: %s', async (body, fields) => {
    const server = await start();
    await server.client();
    const answer = await server.post('/websocket/broadcast', body);
    isProblem(answer, 422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual(fields);
  });

  it('are told not to have spread while the bus is down', async () => {
    const bus = new MemoryBroker().connect();
    const server = await start({ JWT_SECRET: secret }, { bus });
    const ada = await server.client();
    bus.setStatus('down');
    isProblem(await server.post('/websocket/broadcast', hello), 503);
    expect(await told(ada)).toMatchObject([hello]);
  });
});
