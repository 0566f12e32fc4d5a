import { messageTypes } from '@roomcast/falcon-protocol';
import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { falconGateway } from '../src/index.js';
import { brief, type Member, start, startCluster, stopAll, system, type TestServer } from './support/server.js';

afterEach(stopAll);

const hello = { type: 'system_notification', data: { message: 'Hello' } };
const profile = {
  type: 'user_profile_update',
  data: { user_id: 'ada', character_id: 123456789, profile: { character_name: 'Updated Name' } },
};

/** Who was told something, in the order of the connections. */
async function toldBy(members: readonly Member[], publish: () => void): Promise<string[]> {
  for (const member of members) await member.told();
  publish();
  const told: string[] = [];
  for (const [index, member] of members.entries())
    if ((await member.told()).length > 0) told.push(`${index} ${member.user}`);
  return told;
}

describe('an event', () => {
  it.each([
    ['everybody', hello, ['0 ada', '1 ada', '2 bob']],
    ['a room', { ...hello, room: 'group:g' }, ['0 ada', '2 bob']],
    ['a connection', hello, ['2 bob'], true],
    [
      'all connections of a user',
      { type: 'notification', user_id: 'ada', data: { message: 'Mail' } },
      ['0 ada', '1 ada'],
    ],
    ['the user whose profile it is', profile, ['0 ada', '1 ada']],
    ['a room that is empty', { ...hello, room: 'lobby' }, []],
    ['a connection that is gone', { ...hello, to: 'nobody' }, []],
  ])('reaches %s', async (_, event, who, toBob = false) => {
    const server = await start();
    const members = [
      await server.member({ user_id: 'ada', groups: ['g'] }),
      await server.member('ada'),
      await server.member({ user_id: 'bob', groups: ['g'] }),
    ];
    const to = toBob ? { to: members[2]?.connection } : {};
    expect(await toldBy(members, () => server.publish({ ...event, ...to }))).toEqual(who);
  });

  it('comes as it was published, with the room that leads to it', async () => {
    const server = await start();
    const ada = await server.member('ada');
    const timestamp = new Date(server.clock.now()).toISOString();
    server.publish(profile);
    server.publish({ type: 'notification', user_id: 'ada', data: { message: 'Mail' }, id: 'n-1', timestamp: 0 });
    server.publish({ ...hello, room: 'user:ada' });
    server.publish({ ...hello, to: ada.connection, timestamp: '2024-01-01T14:00:00+02:00' });
    expect(await ada.told()).toEqual([
      { ...profile, timestamp },
      {
        type: 'notification',
        room: 'user:ada',
        data: { message: 'Mail' },
        timestamp: '1970-01-01T00:00:00.000Z',
        id: 'n-1',
      },
      { ...hello, room: 'user:ada', timestamp },
      { ...hello, to: ada.connection, timestamp: '2024-01-01T12:00:00.000Z' },
    ]);
  });

  it('about a presence reaches those who follow it, and is not remembered', async () => {
    const server = await start();
    const [ada, eve] = [await server.member('ada'), await server.member('eve')];
    await eve.ask(system('subscribe_presence', { userIds: ['ada'] }));
    const event = { type: 'presence', data: { userId: 'ada', status: 'away' } };
    expect(await toldBy([ada, eve], () => server.publish(event))).toEqual(['1 eve']);
    eve.send(system('subscribe_presence', { userIds: ['ada'] }));
    expect(brief(await eve.told())).toEqual([['presence', { userId: 'ada', status: 'online' }]]);
  });

  it('may be of every type', async () => {
    const server = await start();
    const member = { connection_id: 'c', room_id: 'r' };
    const data: Record<string, unknown> = {
      presence: { userId: 'ada', status: 'away' },
      system: { action: 'maintenance' },
      room_update: { action: 'room_announcement' },
      room_joined: member,
      room_left: member,
      error: { message: 'no' },
      user_profile_update: profile.data,
      group_membership_change: { user_id: 'ada', group_id: 'g', joined: false },
    };
    const ada = await server.member('ada');
    await ada.ask(system('subscribe_presence', { userIds: ['ada'] }));
    for (const type of messageTypes) server.publish({ type, data: data[type] ?? {} });
    expect((await ada.told()).map(({ type }) => type)).toEqual([...messageTypes]);
  });

  it('that is none tells what is wrong with it, and reaches nobody', async () => {
    const server = await start();
    expect(server.gateway.parse({ type: 'hello', data: {} })).toMatchObject({ ok: false, issues: [{ path: 'type' }] });
  });
});

describe('who an event would reach', () => {
  it('is counted', async () => {
    const { servers } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const ada = await one.member({ user_id: 'ada', groups: ['g'] });
    const bob = await two.member({ user_id: 'bob', groups: ['g'] });
    await two.member('bob');
    for (const { gateway, clock } of servers) {
      await clock.advance(1000);
      await eventually(() => gateway.status().stats.active_connections === 3);
      expect(await gateway.recipients({})).toBe(3);
      expect(await gateway.recipients({ room: 'group:g' })).toBe(2);
      expect(await gateway.recipients({ room: 'group:none' })).toBe(0);
      expect(await gateway.recipients({ user_id: 'bob' })).toBe(2);
      expect(await gateway.recipients({ user_id: 'nobody' })).toBe(0);
      expect(await gateway.recipients({ to: bob.connection })).toBe(1);
      expect(await gateway.recipients({ to: ada.connection })).toBe(1);
      expect(await gateway.recipients({ to: 'nobody' })).toBe(0);
    }
  });
});

describe('two gateways', () => {
  it('of one engine need different names and paths', async () => {
    const server = await start();
    const verify = () => undefined;
    expect(() => falconGateway(server.engine, { verify, path: '/other' })).toThrow();
    expect(() => falconGateway(server.engine, { verify, name: 'other' })).toThrow();
  });
});
