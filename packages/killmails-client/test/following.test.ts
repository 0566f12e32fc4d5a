import { eventually } from '@roomcast/testing';
import { describe, expect, it, vi } from 'vitest';
import { ProtocolError, RequestRejectedError, TimeoutError } from '../src/index.js';
import { connect, startServer, update } from './support/client.js';

describe('joining', () => {
  it('brings the token and the systems', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { token: 'test-token', systems: [30000142, 30002187, 30000142] });
    await client.ready;
    expect(server.upgrades[0]?.pathname).toBe('/socket/websocket');
    expect(server.upgrades[0]?.searchParams.get('vsn')).toBe('2.0.0');
    expect(server.tokens).toEqual(['test-token']);
    expect(server.payloads('phx_join')).toEqual([{ systems: [30000142, 30002187], notify_missed: true }]);
    expect(client.state).toBe('live');
  });

  it('brings characters and preload to a server only when they are asked for', async () => {
    const server = await startServer();
    const preload = { limitPerSystem: 10, sinceHours: 2 };
    const { client } = connect(server.url, { characterIds: [95465499], preload });
    await client.ready;
    expect(server.payloads('phx_join')).toEqual([
      {
        systems: [],
        character_ids: [95465499],
        preload: { enabled: true, limit_per_system: 10, since_hours: 2 },
        notify_missed: true,
      },
    ]);
  });

  it('takes the token and other parameters from the url', async () => {
    const server = await startServer();
    const { client } = connect(`${server.url}/socket/websocket?token=url-token&vsn=2.0.0&client=me`);
    await client.ready;
    expect(server.tokens).toEqual(['url-token']);
    expect(server.upgrades[0]?.searchParams.get('client')).toBe('me');
  });

  it('goes through connecting and joining to live', async () => {
    const server = await startServer();
    const { client, changes } = connect(server.url);
    expect(client.state).toBe('connecting');
    await client.ready;
    expect(changes).toEqual([
      { state: 'joining', previous: 'connecting' },
      { state: 'live', previous: 'joining' },
    ]);
  });

  it('counts as done, and says so, when the reply has another shape', async () => {
    const server = await startServer();
    server.answer = () => ({ status: 'ok', response: {} });
    const { client, errors } = connect(server.url);
    await client.ready;
    await eventually(() => errors.length === 1);
    expect(errors[0]).toBeInstanceOf(ProtocolError);
  });
});

describe('kills', () => {
  it('come one by one, with how they came, and as the server sent them', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const kills = vi.fn();
    const updates = vi.fn();
    client.on('killmail', kills);
    client.on('killmail_update', updates);
    await client.ready;
    server.session.push('killmail_update', { ...update(30000142, 1, 2), preload: true });
    await eventually(() => kills.mock.calls.length === 2);
    expect(kills.mock.calls.map(([{ killmail }]) => killmail.killmail_id)).toEqual([1, 2]);
    expect(kills.mock.calls[0]?.[0]).toMatchObject({
      systemId: 30000142,
      preload: true,
      timestamp: '2024-01-15T12:30:45.123Z',
      killmail: { system_id: 30000142, kill_time: '2024-01-15T12:30:45Z', victim: { ship_name: 'Rifter' } },
    });
    expect(updates).toHaveBeenCalledTimes(1);
    expect(updates.mock.calls[0]?.[0].killmails).toHaveLength(2);
  });

  it('are counted by the server', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const counts = vi.fn();
    client.on('kill_count_update', counts);
    await client.ready;
    const count = { system_id: 30000142, count: 42, timestamp: '2024-01-15T12:30:45.123Z' };
    server.session.push('kill_count_update', count);
    await eventually(() => counts.mock.calls.length === 1);
    expect(counts).toHaveBeenCalledWith(count);
  });

  it('that were lost between instances are told as "missed", for which each join asks', async () => {
    const server = await startServer();
    const { client, errors, kills } = connect(server.url);
    const missed = vi.fn();
    client.on('missed', missed);
    for (const count of [1, 2]) {
      expect(await server.payload('phx_join', count)).toMatchObject({ notify_missed: true });
      await eventually(() => client.state === 'live');
      server.session.push('events_missed', { timestamp: '2024-01-15T12:30:45.123Z' });
      await eventually(() => missed.mock.calls.length === count);
      server.session.socket.terminate();
    }
    expect(missed.mock.calls).toEqual([[undefined], [undefined]]);
    expect(kills).toEqual([]);
    expect(errors.map(({ name }) => name)).not.toContain('ProtocolError');
  });

  it('may come before the reply to the join', async () => {
    const server = await startServer();
    server.answer = ({ event }, session) => {
      if (event === 'phx_join') session.push('killmail_update', update(30000142, 7));
      return undefined;
    };
    const { client, kills } = connect(server.url);
    await client.ready;
    expect(kills.map(({ killmail_id }) => killmail_id)).toEqual([7]);
  });

  it('that are broken are told and left out; the others arrive', async () => {
    const server = await startServer();
    const { client, errors, kills } = connect(server.url);
    await client.ready;
    const good = update(30000142, 1, 2);
    server.session.push('killmail_update', { ...good, killmails: [...good.killmails, { killmail_id: 'three' }] });
    server.session.push('killmail_update', { system_id: 30000142 });
    server.session.push('kill_count_update', { count: 'many' });
    server.session.push('killmail_update', update(30000142, 4));
    await eventually(() => kills.length === 3);
    expect(kills.map(({ killmail_id }) => killmail_id)).toEqual([1, 2, 4]);
    expect(errors.map((error) => (error as ProtocolError).event)).toEqual([
      'killmail_update',
      'killmail_update',
      'kill_count_update',
    ]);
    expect(errors[0]).toMatchObject({ issues: [{ path: 'killmails.2.killmail_id' }, {}, {}] });
  });

  it.each([
    ['no JSON', 'kill!'],
    ['a scalar', '5'],
    ['an object', '{"topic":"killmails:lobby"}'],
    ['a reply without a payload', '[null,"1","killmails:lobby","phx_reply",null]'],
    ['bytes', Buffer.from([9, 9, 9])],
  ])('go on after a frame that is %s', async (_, frame) => {
    const server = await startServer();
    const { client, kills } = connect(server.url);
    await client.ready;
    server.session.sendFrame(frame);
    server.session.push('killmail_update', update(30000142, 1));
    await eventually(() => kills.length === 1);
    expect(client.state).toBe('live');
  });

  it('go on when a listener throws', async () => {
    const server = await startServer();
    const onListenerError = vi.fn();
    const { client } = connect(server.url, { onListenerError });
    client.on('killmail', () => {
      throw new Error('mine');
    });
    const later = vi.fn();
    client.on('killmail', later);
    await client.ready;
    server.session.push('killmail_update', update(30000142, 1, 2));
    await eventually(() => later.mock.calls.length === 2);
    expect(onListenerError).toHaveBeenCalledTimes(2);
    expect(onListenerError).toHaveBeenCalledWith(new Error('mine'), 'killmail');
  });
});

describe('subscribing', () => {
  it('resolves to what the server has', async () => {
    const server = await startServer();
    server.answer = ({ event }) =>
      event === 'subscribe_systems' ? { status: 'ok', response: { subscribed_systems: [1, 2, 3] } } : undefined;
    const { client } = connect(server.url, { systems: [1] });
    await client.ready;
    expect(await client.subscribe([2, 3])).toEqual([1, 2, 3]);
    expect(server.payloads('subscribe_systems')).toEqual([{ systems: [2, 3] }]);
    expect(client.systems).toEqual([1, 2, 3]);
  });

  it('resolves to the wishes where a server does not say what it has', async () => {
    const server = await startServer();
    server.answer = ({ event }) =>
      event === 'phx_join'
        ? undefined
        : { status: 'ok', response: { message: 'Already subscribed to all requested systems' } };
    const { client } = connect(server.url, { systems: [1] });
    await client.ready;
    expect(await client.subscribe([1, 2])).toEqual([1, 2]);
    expect(await client.unsubscribe([1])).toEqual([2]);
  });

  it('to characters names them as the servers do', async () => {
    const server = await startServer();
    server.answer = ({ event, payload }) =>
      event === 'phx_join' ? undefined : { status: 'ok', response: { subscribed_characters: payload.character_ids } };
    const { client } = connect(server.url);
    await client.ready;
    expect(await client.subscribeCharacters([95465499])).toEqual([95465499]);
    expect(await client.unsubscribeCharacters([95465499])).toEqual([95465499]);
    expect(server.payloads('subscribe_characters')).toEqual([{ character_ids: [95465499] }]);
    expect(client.characterIds).toEqual([]);
  });

  it('rejects with what the server said, and gives the wish up', async () => {
    const server = await startServer();
    server.answer = ({ event }) =>
      event === 'subscribe_systems'
        ? { status: 'error', response: { reason: 'Too many systems (max: 100)' } }
        : undefined;
    const { client } = connect(server.url, { systems: [1] });
    await client.ready;
    const error = await client.subscribe([1, 2]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestRejectedError);
    expect(error).toMatchObject({ operation: 'subscribe_systems', reason: 'Too many systems (max: 100)' });
    expect(client.systems).toEqual([1]);
  });

  it.each([[[0]], [[1.5]], [[32_000_001]]])('to %j is refused at once, by the name of the list', async (systems) => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    await expect(client.subscribe(systems)).rejects.toMatchObject({ name: 'ClientOptionsError', option: 'systems' });
    expect(client.systems).toEqual([]);
    expect(server.payloads('subscribe_systems')).toEqual([]);
  });

  it('ends in time when the server says nothing, and keeps the wish', async () => {
    const server = await startServer();
    server.answer = ({ event }) => (event === 'phx_join' ? undefined : 'silence');
    const { client } = connect(server.url, { requestTimeoutMs: 50 });
    await client.ready;
    await expect(client.subscribe([1])).rejects.toBeInstanceOf(TimeoutError);
    await expect(client.status()).rejects.toMatchObject({ operation: 'get_status', timeoutMs: 50 });
    expect(client.systems).toEqual([1]);
  });

  it('before the join is answered is sent after it', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    server.answer = ({ event }) => {
      if (event === 'phx_join') void client.subscribe([5]);
      return undefined;
    };
    await client.ready;
    expect(server.payloads('phx_join')).toEqual([{ systems: [], notify_missed: true }]);
    expect(await server.payload('subscribe_systems')).toEqual({ systems: [5] });
  });

  it('before the connection is open is part of the join', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    expect(await client.subscribe([5])).toEqual([5]);
    expect(server.payloads('phx_join')).toEqual([{ systems: [5], notify_missed: true }]);
    expect(server.payloads('subscribe_systems')).toEqual([]);
  });

  it('tells its status', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    expect(await client.status()).toEqual({
      subscription_id: 'a-b-c',
      subscribed_systems: [],
      connected_at: null,
      user_id: 'u',
    });
  });

  it('tells of a status in another shape', async () => {
    const server = await startServer();
    server.answer = ({ event }) => (event === 'get_status' ? { status: 'ok', response: [] } : undefined);
    const { client } = connect(server.url);
    await expect(client.status()).rejects.toBeInstanceOf(ProtocolError);
  });
});

describe('a loop over the kills', () => {
  it('gets each in order and ends when the client is closed', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    const seen: number[] = [];
    const loop = (async () => {
      for await (const { killmail_id } of client) {
        seen.push(killmail_id);
        if (seen.length === 3) void client.close();
      }
    })();
    server.session.push('killmail_update', update(30000142, 1, 2));
    server.session.push('killmail_update', update(30000142, 3));
    await loop;
    expect(seen).toEqual([1, 2, 3]);
  });

  it('that lags loses the oldest, and the client says which', async () => {
    const server = await startServer();
    const { client, kills } = connect(server.url, { bufferSize: 2 });
    const overflow = vi.fn();
    client.on('overflow', overflow);
    await client.ready;
    const loop = client.kills();
    server.session.push('killmail_update', update(30000142, 1, 2, 3, 4));
    await eventually(() => kills.length === 4);
    expect(overflow.mock.calls.map(([{ killmail, dropped }]) => [killmail.killmail_id, dropped])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect((await loop.next()).value?.killmail_id).toBe(3);
  });

  it('that is left buffers no more', async () => {
    const server = await startServer();
    const { client, kills } = connect(server.url);
    await client.ready;
    const left = client.kills();
    server.session.push('killmail_update', update(30000142, 1));
    for await (const _ of left) break;
    server.session.push('killmail_update', update(30000142, 2));
    await eventually(() => kills.length === 2);
    expect(left.size).toBe(0);
  });
});
