import { eventually } from '@roomcast/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  ChannelEndedError,
  ConnectionLostError,
  ConnectionRefusedError,
  type KillmailsClient,
  RequestRejectedError,
  TimeoutError,
} from '../src/index.js';
import { connect, startServer, update } from './support/client.js';
import type { PhoenixServer } from './support/phoenix-server.js';

/** Waits until the server was asked to join `count` times and the client knows the answer. */
async function joins(server: PhoenixServer, count: number, client: KillmailsClient): Promise<void> {
  await eventually(
    () => server.payloads('phx_join').length >= count && client.state === 'live',
    `join number ${count}`,
  );
}

describe('a lost connection', () => {
  it.each([1000, 1001, 1002, 1008, 1009, 1011, 1012, 1013, 4000])('closed with %d is made again', async (code) => {
    const server = await startServer();
    const { client, errors, changes } = connect(server.url, { systems: [30000142] });
    await client.ready;
    server.session.socket.close(code, 'as told');
    await joins(server, 2, client);
    expect(server.payloads('phx_join')[1]).toEqual({ systems: [30000142], notify_missed: true });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(ConnectionLostError);
    expect(errors[0]).toMatchObject({ code, reason: 'as told' });
    expect(changes.map(({ state }) => state)).toEqual(['joining', 'live', 'waiting', 'connecting', 'joining', 'live']);
    expect(changes[2]?.error).toBe(errors[0]);
  });

  it('that just breaks is made again', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.ready;
    server.session.socket.terminate();
    await joins(server, 2, client);
    expect(errors[0]).toMatchObject({ name: 'ConnectionLostError', code: 1006 });
  });

  it('is not made again where it would only end the same way', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.ready;
    server.session.socket.close(1003);
    await eventually(() => client.state === 'closed');
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 1003 }]);
    await expect(client.subscribe([1])).rejects.toMatchObject({ name: 'ClientClosedError' });
  });

  it('comes back with the wishes of now', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { systems: [1, 2] });
    await client.ready;
    await client.subscribe([3]);
    await client.unsubscribe([1]);
    await client.subscribeCharacters([95465499]);
    server.session.socket.terminate();
    await joins(server, 2, client);
    expect(server.payloads('phx_join')[1]).toEqual({ systems: [2, 3], character_ids: [95465499], notify_missed: true });
  });

  it('reads the token anew', async () => {
    const server = await startServer();
    let n = 0;
    const { client } = connect(server.url, { token: async () => `token-${++n}` });
    await client.ready;
    server.session.socket.terminate();
    await joins(server, 2, client);
    expect(server.tokens).toEqual(['token-1', 'token-2']);
  });

  it('does not leave the kills behind', async () => {
    const server = await startServer();
    const { client, kills } = connect(server.url);
    const loop = client.kills();
    await client.ready;
    server.session.push('killmail_update', update(30000142, 1));
    await eventually(() => kills.length === 1);
    server.session.socket.terminate();
    await joins(server, 2, client);
    server.session.push('killmail_update', update(30000142, 2));
    expect([(await loop.next()).value?.killmail_id, (await loop.next()).value?.killmail_id]).toEqual([1, 2]);
  });

  it('takes what was wished meanwhile along in the join, which answers it', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { systems: [1] });
    await client.ready;
    const wished = new Promise((resolve) => {
      client.on('error', () => resolve(Promise.all([client.subscribe([2]), client.unsubscribe([1])])));
    });
    server.session.socket.terminate();
    expect(await wished).toEqual([[2], [2]]);
    await client.status();
    expect(server.payloads('phx_join')[1]).toEqual({ systems: [2], notify_missed: true });
    expect(server.payloads('subscribe_systems')).toEqual([]);
  });

  it('answers a wish whose reply was lost, and asks a question again', async () => {
    const server = await startServer();
    server.answer = ({ event }, session) => {
      if (event === 'phx_join' || server.sessions.length > 1) return undefined;
      if (event === 'get_status') session.socket.terminate();
      return 'silence';
    };
    const { client } = connect(server.url);
    await client.ready;
    const [subscribed, status] = await Promise.all([client.subscribe([5]), client.status()]);
    expect(subscribed).toEqual([5]);
    expect(status.subscription_id).toBe('a-b-c');
    expect(server.payloads('phx_join')[1]).toEqual({ systems: [5], notify_missed: true });
    expect(server.payloads('subscribe_systems')).toHaveLength(1);
    expect(server.payloads('get_status')).toHaveLength(2);
  });

  it('is noticed by a heartbeat that stays unanswered', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { heartbeatIntervalMs: 30 });
    await client.ready;
    server.answersHeartbeats = false;
    await eventually(() => errors[0] instanceof TimeoutError);
    server.answersHeartbeats = true;
    await joins(server, 2, client);
    expect(errors[0]).toMatchObject({ operation: 'a heartbeat', timeoutMs: 30 });
  });
});

describe('back-off', () => {
  it('grows from attempt to attempt, until a connection held', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const server = await startServer();
    server.refuse = 503;
    const { client, changes } = connect(server.url, { baseMs: 4, capMs: 20, minUptimeMs: 1_000, random: () => 0.5 });
    const waits = () => changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    await eventually(() => waits().length === 4);
    server.refuse = undefined;
    await client.ready;
    server.session.socket.terminate();
    await eventually(() => waits().length === 5);
    expect(waits()).toEqual([2, 4, 8, 10, 10]);
    await eventually(() => client.state === 'live');
    vi.setSystemTime(Date.now() + 1_000);
    server.session.socket.terminate();
    await eventually(() => waits().length === 6);
    expect(waits()[5]).toBe(2);
  });

  it('also separates attempts to join, and starts again after a join that held', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const server = await startServer();
    let left = 3;
    server.answer = ({ event }) =>
      event === 'phx_join' && left-- > 0 ? { status: 'error', response: { reason: 'join crashed' } } : undefined;
    const { client, changes } = connect(server.url, { baseMs: 4, capMs: 100, random: () => 0.5 });
    await eventually(() => client.state === 'live');
    const waits = () => changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    expect(waits()).toEqual([2, 4, 8]);
    vi.setSystemTime(Date.now() + 10_000);
    server.session.endChannel('phx_error');
    await eventually(() => waits().length === 4);
    expect(waits()[3]).toBe(2);
    expect(server.upgrades).toHaveLength(1);
  });
});

describe('a channel', () => {
  it.each(['phx_error', 'phx_close'] as const)('that ends with %s is joined again, with the wishes', async (event) => {
    const server = await startServer();
    const { client, errors, changes } = connect(server.url, { systems: [1] });
    await client.ready;
    await client.subscribe([2]);
    server.session.endChannel(event);
    await joins(server, 2, client);
    expect(server.payloads('phx_join')[1]).toEqual({ systems: [1, 2], notify_missed: true });
    expect(server.upgrades).toHaveLength(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(ChannelEndedError);
    expect(errors[0]).toMatchObject({ event });
    expect(changes.map(({ state }) => state)).toEqual(['joining', 'live', 'waiting', 'joining', 'live']);
    server.session.push('killmail_update', update(1, 9));
    expect((await client.kills().next()).value?.killmail_id).toBe(9);
  });

  it('whose connection is lost before it is joined again comes back once', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { random: () => 0.9, baseMs: 100, capMs: 100 });
    await client.ready;
    server.session.endChannel('phx_close');
    await eventually(() => client.state === 'waiting');
    server.session.socket.terminate();
    await joins(server, 2, client);
    await client.status();
    expect(server.payloads('phx_join')).toHaveLength(2);
  });

  it('that is not joined in time is joined again', async () => {
    const server = await startServer();
    server.answer = ({ event }) =>
      event === 'phx_join' && server.payloads('phx_join').length === 1 ? 'silence' : undefined;
    const { client, errors } = connect(server.url, { requestTimeoutMs: 60 });
    await eventually(() => client.state === 'live');
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'phx_join' }]);
  });

  it('that rejects the first join lets ready reject, and is tried on', async () => {
    const server = await startServer();
    const reason = 'Too many systems (max: 1)';
    server.answer = ({ event }) =>
      event === 'phx_join' && server.payloads('phx_join').length < 3
        ? { status: 'error', response: { reason } }
        : undefined;
    const { client, errors } = connect(server.url, { systems: [1, 2] });
    await expect(client.ready).rejects.toMatchObject({ name: 'RequestRejectedError', operation: 'phx_join', reason });
    await eventually(() => client.state === 'live');
    expect(errors).toHaveLength(2);
    expect(client.systems).toEqual([1, 2]);
  });

  it('that rejects a wish made while away tells who wished, and joins with the others', async () => {
    const server = await startServer();
    server.answer = ({ event, payload }) =>
      event === 'phx_join' && (payload.systems as number[]).includes(66)
        ? { status: 'error', response: { reason: 'Invalid system IDs' } }
        : undefined;
    const { client } = connect(server.url, { systems: [1] });
    await client.ready;
    const wished = new Promise((resolve) => {
      const off = client.on('error', () => {
        off();
        client.subscribe([66]).catch(resolve);
      });
    });
    server.session.socket.terminate();
    expect(await wished).toBeInstanceOf(RequestRejectedError);
    expect(await wished).toMatchObject({ operation: 'subscribe_systems', reason: 'Invalid system IDs' });
    await eventually(() => client.state === 'live');
    expect(server.payloads('phx_join').map(({ systems }) => systems)).toEqual([[1], [1, 66], [1]]);
    expect(client.systems).toEqual([1]);
  });
});

describe('an attempt that fails', () => {
  it('because nothing listens says so', async () => {
    const server = await startServer();
    await server.close();
    const { errors, client } = connect(server.url, { token: 'secret-token' });
    await eventually(() => errors.length >= 2);
    expect(errors[0]).toBeInstanceOf(ConnectionRefusedError);
    expect(errors[0]?.message).toMatch(
      /^ws:\/\/127\.0\.0\.1:\d+\/socket\/websocket could not be reached: .*ECONNREFUSED/,
    );
    expect(['waiting', 'connecting']).toContain(client.state);
  });

  it('because the server does not answer is given up in time', async () => {
    const server = await startServer();
    server.refuse = 'hang';
    const { client, errors } = connect(server.url, { connectTimeoutMs: 40 });
    await eventually(() => errors[0] instanceof TimeoutError);
    server.refuse = undefined;
    await client.ready;
  });

  it('because the token does not come, or fails to, is tried again', async () => {
    const server = await startServer();
    const answers = [
      () => new Promise<string>(() => {}),
      () => Promise.reject(new Error('no session')),
      () => {
        throw new Error('no session');
      },
      () => 'at-last-a-token',
    ];
    let n = 0;
    const { client, errors } = connect(server.url, { connectTimeoutMs: 40, token: () => answers[n++]?.() ?? 'more' });
    await client.ready;
    expect(server.tokens).toEqual(['at-last-a-token']);
    expect(errors.map(({ name }) => name)).toEqual([
      'TimeoutError',
      'ConnectionRefusedError',
      'ConnectionRefusedError',
    ]);
    expect(errors[1]?.cause).toEqual(new Error('no session'));
  });
});
