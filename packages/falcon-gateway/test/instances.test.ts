import { createEngine, MemoryBroker, type MemoryBus } from '@roomcast/engine';
import { eventually, RecordingLogger, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FalconGateway, falconGateway } from '../src/index.js';
import {
  brief,
  type Frame,
  type Member,
  say,
  start,
  startCluster,
  stopAll,
  system,
  type TestServer,
} from './support/server.js';

afterEach(stopAll);

/** Waits until a member was told something, and returns all of it. */
async function hears(member: Member, what: (frame: Frame) => boolean): Promise<Frame[]> {
  const told: Frame[] = [];
  await eventually(async () => {
    told.push(...(await member.told()));
    return told.some(what);
  });
  return told;
}

/** Asks to be told when events were lost. */
const asking = '?notify_missed=true';

async function two(): Promise<[TestServer, TestServer]> {
  return (await startCluster(2)).servers as [TestServer, TestServer];
}

describe('on several instances', () => {
  it('a message reaches all members of the room, each once, in order', async () => {
    const [one, other] = await two();
    const [ada, bob] = [await one.member('ada'), await other.member('bob')];
    for (const member of [ada, bob]) await member.join('thread:1');
    await hears(ada, ({ type }) => type === 'room_joined');
    for (let number = 0; number < 50; number++) ada.send(say('thread:1', number));
    const told = await hears(bob, ({ data }) => data === 49);
    expect(told.map(({ data }) => data)).toEqual([...Array(50).keys()]);
    expect(told.every(({ from }) => from === ada.connection)).toBe(true);
    bob.send({ ...say('thread:1', 'back'), id: 'x' });
    expect(await hears(ada, ({ data }) => data === 'back')).toMatchObject([...Array(50).fill({}), { id: 'x' }]);
  });

  it('members hear of each other, with the count of all instances', async () => {
    const [one, other] = await two();
    const [ada, bob] = [await one.member('ada'), await other.member('bob')];
    await ada.join('lobby');
    await turns(5);
    await bob.told();
    bob.send(system('join', { room: 'lobby' }));
    const joined = { connection_id: bob.connection, room_id: 'lobby', member_count: 2 };
    expect(brief(await hears(bob, ({ type }) => type === 'room_joined'))).toEqual([['room_joined', joined]]);
    expect(brief(await hears(ada, ({ type }) => type === 'room_update'))).toContainEqual(['room_joined', joined]);
    await bob.client.close();
    const left = { connection_id: bob.connection, room_id: 'lobby', member_count: 1 };
    const told = brief(await hears(ada, ({ data }) => data.action === 'member_left'));
    expect(told).toEqual([
      ['room_left', left],
      ['room_update', { ...left, action: 'member_left', user_id: 'bob' }],
    ]);
  });

  it.each([0, 1])('a change of groups reaches the user everywhere, published on either: %d', async (publisher) => {
    const servers = await two();
    const ada = await Promise.all(servers.map((server) => server.member('ada')));
    const bob = await Promise.all(servers.map((server) => server.member({ user_id: 'bob', groups: ['g'] })));
    const change = (joined: boolean) => ({
      type: 'group_membership_change',
      data: { user_id: 'ada', group_id: 'g', group_name: 'G', joined },
    });
    servers[publisher]?.publish(change(true));
    for (const member of ada) {
      const told = await hears(
        member,
        ({ type, data }) => type === 'room_joined' && data.connection_id === member.connection,
      );
      expect(told.filter(({ type }) => type === 'group_membership_change')).toMatchObject([change(true)]);
    }
    bob[0]?.send(say('group:g', 'to the group'));
    for (const member of ada) await hears(member, ({ data }) => data === 'to the group');
    servers[publisher]?.publish(change(false));
    for (const member of ada) {
      const told = await hears(
        member,
        ({ type, data }) => type === 'room_left' && data.connection_id === member.connection,
      );
      expect(told.filter(({ type }) => type === 'group_membership_change')).toMatchObject([change(false)]);
    }
    bob[1]?.send(say('group:g', 'without ada'));
    for (const member of bob) await hears(member, ({ data }) => data === 'without ada');
    for (const member of ada) expect((await member.told()).map(({ data }) => data)).not.toContain('without ada');
  });

  it.each([0, 1])('a profile update and an announcement do, once each: %d', async (publisher) => {
    const servers = await two();
    const ada = await Promise.all(servers.map((server) => server.member('ada')));
    servers[publisher]?.publish({ type: 'user_profile_update', data: { user_id: 'ada', profile: {} } });
    servers[publisher]?.publish({ type: 'system_notification', data: { message: 'Hello' } });
    for (const member of ada) {
      await hears(member, ({ type }) => type === 'system_notification').then((told) =>
        expect(
          told
            .map(({ type }) => type)
            .filter((type) => type !== 'room_joined' && type !== 'room_update')
            .sort(),
        ).toEqual(['system_notification', 'user_profile_update']),
      );
      expect(await member.told()).toEqual([]);
    }
  });

  it('an event to one connection finds it, whichever instance has it', async () => {
    const servers = await two();
    const bob = await servers[1].member('bob');
    servers[0].publish({ type: 'notification', to: bob.connection, data: { message: 'x' } });
    await hears(bob, ({ type }) => type === 'notification');
  });

  it('who may have missed something is told so, where the connection asked for that', async () => {
    const [one, other] = await two();
    const ada = await one.member('ada');
    const [bob, eve] = [await other.member('bob', asking), await other.member('eve', asking)];
    const silent = [await other.member('old'), await other.member('none', '?notify_missed=false')];
    for (const member of [ada, bob, ...silent]) await member.join('thread:1');
    await ada.ask(say('thread:1', 'before'));
    one.publish({ type: 'system_notification', data: { message: 'before' } });
    for (const member of [bob, ...silent]) await hears(member, ({ data }) => data === 'before');
    await hears(eve, ({ data }) => data.message === 'before');
    for (const member of [bob, ...silent]) await member.told();
    const bus = other.engine.options.bus as unknown as { setStatus(status: 'up' | 'down'): void };
    bus.setStatus('down');
    expect(other.gateway.status()).toMatchObject({ status: 'unhealthy' });
    await ada.ask(say('thread:1', 'lost'));
    one.publish({ type: 'system_notification', data: { message: 'lost' } });
    await turns(5);
    bus.setStatus('up');
    await ada.ask(say('thread:1', 'arrives'));
    const told = await hears(bob, ({ data }) => data === 'arrives');
    expect(brief(told).slice(0, -1)).toEqual([['system', { action: 'missed', room: 'thread:1' }]]);
    one.publish({ type: 'system_notification', data: { message: 'arrives' } });
    expect(brief(await hears(eve, ({ data }) => data.message === 'arrives'))[0]).toEqual([
      'system',
      { action: 'missed' },
    ]);
    for (const member of silent) {
      const heard = await hears(member, ({ data }) => data.message === 'arrives');
      expect(brief(heard)).toEqual([
        ['message', 'arrives'],
        ['system_notification', { message: 'arrives' }],
      ]);
    }
    expect(other.logger.lines.map(({ message }) => message)).toContain(
      'events of another instance were lost on the bus',
    );
  });

  it.each([
    [
      'somebody asks again',
      (gateway: FalconGateway) => expect(gateway.ready()).rejects.toThrow('not there'),
      (gateway: FalconGateway) => gateway.ready(),
    ],
    [
      'the bus says that it is back',
      () => turns(5),
      (_: unknown, bus: MemoryBus) => {
        bus.setStatus('down');
        bus.setStatus('up');
      },
    ],
  ])('an instance hears what is for everybody, however late the broker is there: once %s', async (_, before, after) => {
    const broker = new MemoryBroker();
    const bus = broker.connect();
    const { subscribe } = bus;
    bus.subscribe = () => Promise.reject(new Error('the broker is not there'));
    const engine = createEngine({ logger: new RecordingLogger(), bus });
    onTestFinished(() => engine.close());
    const gateway = falconGateway(engine, { verify: () => undefined });
    await before(gateway);
    bus.subscribe = subscribe;
    await after(gateway, bus);
    await eventually(() => bus.wants('roomcast.falcon.everybody'), 'the subscription');
    const other = await start({}, { bus: broker.connect() });
    other.publish({ type: 'system_notification', data: { message: 'Hello' } });
    await eventually(() => gateway.mount.stats().published === 1, 'the announcement');
  });

  it('ids may be as long as they may be', async () => {
    const [one, other] = await two();
    const claims = { user_id: 'u'.repeat(128), groups: ['g'.repeat(128)] };
    const [ada, tab] = [await one.member(claims), await other.member(claims)];
    await turns(5);
    await tab.told();
    for (const room of [`user:${'u'.repeat(128)}`, `group:${'g'.repeat(128)}`, `thread:${'t'.repeat(128)}`]) {
      if (room.startsWith('thread:')) for (const member of [ada, tab]) await member.join(room);
      expect(await ada.codeOf(say(room, room))).toBe('ok');
      await hears(tab, ({ data }) => data === room);
    }
  });

  it('what is no news on the bus is ignored', async () => {
    const server = await start();
    const { decode } = server.gateway.mount.options;
    const told = { type: 'message', data: 1, at: 0 };
    expect(decode?.({ for: 'everybody', told })).toEqual({ for: 'everybody', told });
    const member = { action: 'member_joined', room: 'r', connection: 'c', user: 'u', count: 1, at: 0 };
    expect(decode?.({ for: 'member', member })).toEqual({ for: 'member', member });
    for (const wrong of [
      null,
      5,
      {},
      { for: 'nobody', of: 'r', told },
      { for: 'room', told },
      { for: 'room', of: '', told },
      { for: 'everybody' },
      { for: 'everybody', told: { ...told, type: 'hello' } },
      { for: 'everybody', told: { ...told, at: 'now' } },
      { for: 'everybody', told: { ...told, at: 1e300 } },
      { for: 'everybody', told: { ...told, from: 5 } },
      { for: 'room', of: 'user:u', told: { ...told, type: 'group_membership_change', data: { user_id: 'u' } } },
      { for: 'member', member: { ...member, action: 'member_count' } },
      { for: 'member', member: { ...member, room: 5 } },
      { for: 'member', member: { ...member, count: '1' } },
    ]) {
      expect(decode?.(wrong)).toBeUndefined();
    }
  });
});
