import type { KillCountUpdate, KillmailUpdate } from '@roomcast/killmails-protocol';
import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { amarr, collect, jita, join, kill, publish, push, startGateway, stopAll, topic } from './support/server.js';

afterEach(stopAll);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the channel killmails:lobby, with the official client', () => {
  it('joins with systems, each once, and answers with the subscription', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita, amarr, jita] });
    expect(await join(channel)).toEqual({
      subscription_id: expect.stringMatching(uuid),
      subscribed_systems: [jita, amarr],
      status: 'connected',
    });
  });

  it('joins with nothing', async () => {
    const server = await startGateway();
    expect(await join(server.client().channel(topic, {}))).toMatchObject({ subscribed_systems: [] });
  });

  it('subscribes and unsubscribes systems, and says when nothing changed', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita] });
    await join(channel);
    expect(await push(channel, 'subscribe_systems', { systems: [amarr] })).toEqual({
      subscribed_systems: [jita, amarr],
    });
    expect(await push(channel, 'subscribe_systems', { systems: [amarr] })).toEqual({
      subscribed_systems: [jita, amarr],
      message: 'Already subscribed to all requested systems',
    });
    expect(await push(channel, 'unsubscribe_systems', { systems: [jita, 5] })).toEqual({ subscribed_systems: [amarr] });
    expect(await push(channel, 'unsubscribe_systems', { systems: [jita] })).toEqual({
      subscribed_systems: [amarr],
      message: 'Not subscribed to any of the requested systems',
    });
  });

  it('tells the status without telling the token', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita] });
    const joined = await join(channel);
    const status = await push(channel, 'get_status');
    expect(status).toEqual({
      subscription_id: joined.subscription_id,
      subscribed_systems: [jita],
      connected_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      user_id: 'token-1',
    });
    expect(JSON.stringify(status)).not.toContain('a-good-token');
  });

  it.each([
    ['subscribe_systems', { systems: ['x'] }, 'System IDs must be integers'],
    ['subscribe_systems', { systems: [1.5] }, 'System IDs must be integers'],
    ['subscribe_systems', { systems: 5 }, 'System IDs must be integers'],
    ['subscribe_systems', {}, 'System IDs must be integers'],
    ['subscribe_systems', { systems: [0] }, 'Invalid system IDs'],
    ['subscribe_systems', { systems: [32_000_001] }, 'Invalid system IDs'],
    ['unsubscribe_systems', { systems: [-1] }, 'Invalid system IDs'],
    ['subscribe_characters', { character_ids: 'all' }, 'Character IDs must be integers'],
    ['subscribe_characters', { character_ids: [0] }, 'Invalid character IDs'],
    ['no_such_event', {}, 'Unknown event'],
    ['phx_close', {}, 'Unknown event'],
  ])('answers %s %j with the error "%s", and stays', async (event, payload, reason) => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita] });
    await join(channel);
    await expect(push(channel, event, payload)).rejects.toThrow(reason);
    expect(await push(channel, 'get_status')).toMatchObject({ subscribed_systems: [jita] });
  });

  it('accepts the first and the last id', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [1, 32_000_000] });
    expect(await join(channel)).toMatchObject({ subscribed_systems: [1, 32_000_000] });
  });

  it('limits the systems of a connection in total: none of too many is added', async () => {
    const server = await startGateway({ maxSystems: 3 });
    const channel = server.client().channel(topic, { systems: [1, 2] });
    await join(channel);
    await expect(push(channel, 'subscribe_systems', { systems: [3, 4] })).rejects.toThrow('Too many systems (max: 3)');
    expect(await push(channel, 'subscribe_systems', { systems: [2, 3] })).toEqual({ subscribed_systems: [1, 2, 3] });
    await expect(push(channel, 'subscribe_systems', { systems: [4] })).rejects.toThrow('Too many systems (max: 3)');
    await expect(join(server.client().channel(topic, { systems: [1, 2, 3, 4] }))).rejects.toThrow(
      'Too many systems (max: 3)',
    );
  });

  it('has a limit of 100 systems unless told otherwise', async () => {
    const server = await startGateway();
    const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
    expect(await join(server.client().channel(topic, { systems: ids(100) }))).toMatchObject({
      subscribed_systems: ids(100),
    });
    await expect(join(server.client().channel(topic, { systems: ids(101) }))).rejects.toThrow(
      'Too many systems (max: 100)',
    );
  });

  it('refuses other topics', async () => {
    const server = await startGateway();
    await expect(join(server.client().channel('killmails:other', {}))).rejects.toThrow('unmatched topic');
  });
});

describe('kills', () => {
  it('reach those who want their system, with the count of it', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita] });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    const counts = collect<KillCountUpdate>(channel, 'kill_count_update');
    await join(channel);
    publish(server.gateway, kill({ system: amarr }));
    const published = publish(server.gateway, kill({ id: 77, system: jita }));
    publish(server.gateway, kill({ system: jita }));
    await eventually(() => counts.length === 2, 'both counts');
    expect(updates[0]).toEqual({
      system_id: jita,
      killmails: [JSON.parse(JSON.stringify(published))],
      timestamp: expect.any(String),
      preload: false,
    });
    expect(updates).toHaveLength(2);
    expect(counts.map(({ system_id, count }) => [system_id, count])).toEqual([
      [jita, 1],
      [jita, 2],
    ]);
  });

  it('come once and count once, however often they are published', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita] });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    await join(channel);
    publish(server.gateway, kill({ id: 5 }));
    publish(server.gateway, kill({ id: 5 }));
    publish(server.gateway, kill({ id: 6 }));
    await eventually(() => updates.length === 2, 'both kills');
    expect(updates.map(({ killmails }) => killmails[0]?.killmail_id)).toEqual([5, 6]);
    expect(server.gateway.kills.counts.total(jita, Date.now())).toBe(2);
  });

  it('come once to who wants the system, the victim and an attacker', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, { systems: [jita], character_ids: [1001, 2001] });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    expect(await join(channel)).toMatchObject({ subscribed_systems: [jita], subscribed_characters: [1001, 2001] });
    publish(server.gateway, kill({ id: 8, victim: 1001, attackers: [2001, 2002] }));
    publish(server.gateway, kill({ id: 9 }));
    await eventually(() => updates.length === 2, 'both kills');
    expect(updates.map(({ killmails }) => killmails[0]?.killmail_id)).toEqual([8, 9]);
  });

  it('of a character come from every system, as victim and as attacker, and only while wanted', async () => {
    const server = await startGateway();
    const channel = server.client().channel(topic, {});
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    await join(channel);
    expect(await push(channel, 'subscribe_characters', { character_ids: [42] })).toEqual({
      subscribed_characters: [42],
    });
    publish(server.gateway, kill({ id: 10, victim: 42 }));
    publish(server.gateway, kill({ id: 11, system: amarr, attackers: [41, 42] }));
    publish(server.gateway, kill({ id: 12 }));
    await eventually(() => updates.length === 2, 'both kills');
    expect(updates.map(({ killmails, system_id }) => [killmails[0]?.killmail_id, system_id])).toEqual([
      [10, jita],
      [11, amarr],
    ]);
    expect(await push(channel, 'unsubscribe_characters', { character_ids: [42] })).toEqual({
      subscribed_characters: [],
    });
    publish(server.gateway, kill({ id: 13, victim: 42 }));
    // A reply after the publication proves that nothing came before it.
    await push(channel, 'get_status');
    expect(updates).toHaveLength(2);
  });

  it('end with the channel', async () => {
    const server = await startGateway();
    const socket = server.client();
    const channel = socket.channel(topic, { systems: [jita] });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    await join(channel);
    await new Promise((resolve) => channel.leave().receive('ok', resolve));
    publish(server.gateway, kill());
    const again = socket.channel(topic, {});
    await join(again);
    expect(updates).toEqual([]);
    expect(server.gateway.stats()).toMatchObject({ connections: 1, systems: 0 });
  });
});

describe('preload', () => {
  const hourMs = 3_600_000;
  const ago = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString();

  it('sends recent kills after the reply and before live ones, within what was asked', async () => {
    const server = await startGateway();
    publish(server.gateway, kill({ id: 101, time: ago(30) }));
    publish(server.gateway, kill({ id: 102, time: ago(3) }));
    publish(server.gateway, kill({ id: 103, time: ago(2) }));
    publish(server.gateway, kill({ id: 104, time: ago(1) }));
    publish(server.gateway, kill({ id: 105, system: amarr, time: ago(1) }));
    const client = await server.raw();
    const preload = { enabled: true, limit_per_system: 2, since_hours: 24 };
    client.send(['1', '1', topic, 'phx_join', { systems: [jita, amarr, 7], preload }]);
    const reply = await client.nextJson<[string, string, string, string, { status: string }]>();
    expect(reply[3]).toBe('phx_reply');
    expect(reply[4].status).toBe('ok');
    publish(server.gateway, kill({ id: 106 }));
    const updates: [number, boolean, number[]][] = [];
    for (let count = 0; count < 3; count++) {
      const [, , , event, update] = await client.nextJson<[null, null, string, string, KillmailUpdate]>();
      expect(event).toBe('killmail_update');
      updates.push([update.system_id, update.preload, update.killmails.map(({ killmail_id }) => killmail_id)]);
    }
    expect(updates).toEqual([
      [jita, true, [104, 103]],
      [amarr, true, [105]],
      [jita, false, [106]],
    ]);
  });

  it('sends nothing to who does not ask', async () => {
    const server = await startGateway();
    publish(server.gateway, kill());
    const channel = server.client().channel(topic, { systems: [jita] });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    await join(channel);
    await push(channel, 'get_status');
    expect(updates).toEqual([]);
  });

  it('of more than a slow reader may have waiting arrives whole, however late it is read', async () => {
    const server = await startGateway();
    const attackers = Array.from({ length: 1500 }, (_, index) => index + 1);
    const systems = Array.from({ length: 40 }, (_, index) => index + 1);
    let bytes = 0;
    for (let id = 1; id <= 200; id++) {
      publish(server.gateway, kill({ id, system: systems[id % 40], attackers }));
      bytes += server.gateway.kills.history.byId(id)?.json.length ?? 0;
    }
    // More than a session may have waiting in any case, and what the kernel takes besides.
    expect(bytes).toBeGreaterThan(20 * 1024 * 1024);
    const client = await server.raw();
    client.socket.pause();
    client.send(['1', '1', topic, 'phx_join', { systems, preload: { enabled: true } }]);
    const [session] = server.gateway.mount.sessions;
    await eventually(() => (session?.queuedBytes ?? 0) > 0, 'the socket that takes no more');
    client.socket.resume();
    await client.next();
    for (const system of systems) {
      const [, , , event, update] = await client.nextJson<[string, null, string, string, KillmailUpdate]>();
      expect([event, update.system_id, update.killmails.length]).toEqual(['killmail_update', system, 5]);
    }
    expect(session?.state).toBe('open');
  });
});
