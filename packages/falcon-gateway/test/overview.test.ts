import type { ConnectionAnswer } from '@roomcast/falcon-protocol';
import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Overview, type OverviewHost } from '../src/overview.js';
import { start, startCluster, stopAll, type TestServer } from './support/server.js';

afterEach(stopAll);

async function populated() {
  const { servers, clock } = await startCluster(2);
  const [one, two] = servers as [TestServer, TestServer];
  const ada = await one.member({ user_id: 'ada', character_id: 1, character_name: 'Ada', groups: ['g'] });
  const tab = await two.member({ user_id: 'ada', character_id: 2, character_name: 'Alt', groups: ['g'] });
  const bob = await two.member({ user_id: 'bob', character_id: undefined, character_name: undefined });
  await bob.join('thread:1');
  await eventually(() => servers.every(({ gateway }) => gateway.overview.room('thread:1') !== undefined));
  await eventually(() => servers.every(({ gateway }) => gateway.overview.room('group:g')?.member_count === 2));
  return { servers, clock, one, two, ada, tab, bob };
}

describe('the overview', () => {
  it('has the connections of all instances, whichever is asked', async () => {
    const { servers, clock, ada, tab, bob } = await populated();
    const created_at = new Date(clock.now()).toISOString();
    for (const { gateway } of servers) {
      const { connections, ...rest } = await gateway.overview.connections();
      expect(rest).toEqual({ total: 3 });
      const ids = connections.map(({ id }) => id);
      expect(ids).toEqual([ada.connection, tab.connection, bob.connection].sort());
      expect(connections.find(({ id }) => id === tab.connection)).toEqual({
        id: tab.connection,
        user_id: 'ada',
        character_id: 2,
        character_name: 'Alt',
        rooms: ['user:ada', 'group:g'],
        created_at,
      });
      expect(await gateway.overview.connection(bob.connection)).toMatchObject({
        character_id: null,
        character_name: null,
      });
      expect(await gateway.overview.connection('nobody')).toBeUndefined();
    }
  });

  it('is filtered', async () => {
    const { one, ada, tab, bob } = await populated();
    const of = async (filter: object) => {
      const { connections, total } = await one.gateway.overview.connections(filter);
      expect(total).toBe(connections.length);
      return connections.map(({ id }) => id).sort();
    };
    expect(await of({ user_id: 'ada' })).toEqual([ada.connection, tab.connection].sort());
    expect(await of({ character_id: 2 })).toEqual([tab.connection]);
    expect(await of({ room_id: 'thread:1' })).toEqual([bob.connection]);
    expect(await of({ user_id: 'ada', character_id: 1 })).toEqual([ada.connection]);
    expect(await of({ user_id: 'bob', room_id: 'group:g' })).toEqual([]);
  });

  it('has the rooms of all instances, by type and by member', async () => {
    const { servers, ada, bob } = await populated();
    for (const { gateway } of servers) {
      const { rooms, total } = await gateway.overview.rooms();
      expect(total).toBe(4);
      expect(rooms).toEqual([
        { id: 'group:g', type: 'group', name: 'g', member_count: 2 },
        { id: 'thread:1', type: 'thread', name: '1', member_count: 1 },
        { id: 'user:ada', type: 'personal', name: 'ada', member_count: 2 },
        { id: 'user:bob', type: 'personal', name: 'bob', member_count: 1 },
      ]);
      const of = async (filter: object) => (await gateway.overview.rooms(filter)).rooms.map(({ id }) => id);
      expect(await of({ type: 'group' })).toEqual(['group:g']);
      expect(await of({ type: 'custom' })).toEqual([]);
      expect(await of({ member_id: bob.connection })).toEqual(['thread:1', 'user:bob']);
      expect(await of({ member_id: 'ada', type: 'personal' })).toEqual(['user:ada']);
      expect(await of({ member_id: ada.connection })).toEqual(['group:g', 'user:ada']);
      expect(await of({ member_id: 'nobody' })).toEqual([]);
      expect(gateway.overview.room('lobby')).toBeUndefined();
    }
  });

  it('knows what groups are called, as long as somebody is in them', async () => {
    const { servers } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const ada = await one.member('ada');
    const data = { user_id: 'ada', group_id: 'g', group_name: 'Fleet Commanders', joined: true };
    two.publish({ type: 'group_membership_change', data });
    await eventually(() => two.gateway.overview.room('group:g')?.name === 'Fleet Commanders');
    await ada.client.close();
    await eventually(() => two.gateway.overview.room('group:g') === undefined);
    await two.member({ user_id: 'bob', groups: ['g'] });
    expect(two.gateway.overview.room('group:g')?.name).toBe('g');
  });

  it('comes in pages, merged from all instances', async () => {
    const { servers } = await startCluster(2, { maxConnectionsPerIdentity: 2000 });
    const ids: string[] = [];
    for (let come = 0; come < 10; come++) {
      const more = await Promise.all(
        servers.flatMap((server) => Array.from({ length: 25 }, () => server.member('ada'))),
      );
      ids.push(...more.map(({ connection }) => connection));
    }
    ids.sort();
    const { overview } = (servers[0] as TestServer).gateway;
    const all = await overview.connections();
    expect([all.connections.map(({ id }) => id), all.total, all.next]).toEqual([ids, 500, undefined]);
    const first = await overview.connections({}, { limit: 210 });
    expect([first.connections.map(({ id }) => id), first.next, first.total]).toEqual([
      ids.slice(0, 210),
      ids[209],
      500,
    ]);
    const second = await overview.connections({}, { limit: 500, after: first.next });
    expect([second.connections.map(({ id }) => id), second.next]).toEqual([ids.slice(210), undefined]);
    const rooms = await overview.rooms({}, { limit: 1 });
    expect(rooms).toMatchObject({ rooms: [{ id: 'user:ada', member_count: 500 }], total: 1 });
  });

  it('stays below what one answer between instances may have, however many rooms there are', async () => {
    const groups = Array.from({ length: 400 }, (_, index) => ({ id: `${index}`.padEnd(120, 'x') }));
    const { servers } = await startCluster(2, { directory: { groupsOf: () => groups } });
    const [one, two] = servers as [TestServer, TestServer];
    for (let come = 0; come < 6; come++) await two.member(`m-${come}`);
    const all = await one.gateway.overview.connections();
    expect([all.connections.length, all.total, all.incomplete]).toEqual([6, 6, undefined]);
    const page = await two.gateway.overview.rooms({ type: 'group' }, { limit: 100, after: 'group:3' });
    expect([page.rooms.length, page.total, page.next]).toEqual([100, 400, page.rooms[99]?.id]);
  });

  it('tells where an instance gives no answer', async () => {
    const { one, two, clock, ada } = await populated();
    await two.engine.options.bus?.close();
    let answer: object | undefined;
    void one.gateway.overview.connections().then((all) => {
      answer = all;
    });
    await eventually(async () => {
      await clock.advance(500);
      return answer !== undefined;
    });
    expect(answer).toMatchObject({ connections: [{ id: ada.connection }], total: 1, incomplete: true });
  });

  it('tells so, too, where the instance answers when asked for what follows', async () => {
    const connection = (id: string) => ({ id }) as ConnectionAnswer;
    const rounds = [
      { answers: { one: { connections: [connection('b')], total: 2, more: true } }, missing: { two: 'no answer' } },
      {
        answers: {
          one: { connections: [connection('c')], total: 2, more: false },
          two: { connections: [], total: 1, more: false },
        },
        missing: {},
      },
    ];
    const ask = async () => {
      const { answers = {}, missing = {} } = rounds.shift() ?? {};
      return { answers: new Map(Object.entries(answers)), missing: new Map(Object.entries(missing)) };
    };
    const overview = new Overview({ cluster: { ask, answer: () => () => {} } } as unknown as OverviewHost);
    expect(await overview.connections()).toEqual({
      connections: [connection('b'), connection('c')],
      total: 3,
      incomplete: true,
    });
  });
});

describe('the status', () => {
  it('has true figures, of all instances', async () => {
    const { servers, clock, ada, bob } = await populated();
    const came = new Date(clock.now()).toISOString();
    await ada.client.close();
    await clock.advance(1000);
    const read = servers.map(({ gateway }) => gateway.status());
    for (const status of read) {
      expect(status).toMatchObject({ module: 'websocket', status: 'healthy', message: expect.any(String) });
      expect(status.stats).toMatchObject({
        total_connections: 3,
        active_connections: 2,
        total_rooms: 4,
        last_connection_time: came,
      });
    }
    const [before] = read;
    await bob.ask({ type: 'heartbeat' });
    await clock.advance(1000);
    await eventually(() => {
      const { stats } = (servers[0] as TestServer).gateway.status();
      return stats.messages_processed === (before?.stats.messages_processed ?? 0) + 1;
    });
  });

  it('before anybody came has no time', async () => {
    const server = await start();
    expect(server.gateway.status().stats).toEqual({
      total_connections: 0,
      active_connections: 0,
      total_rooms: 0,
      messages_processed: 0,
      messages_broadcast: 0,
      last_connection_time: null,
    });
  });
});
