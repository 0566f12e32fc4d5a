import { eventually, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Group } from '../src/index.js';
import { brief, type Member, start, startCluster, stopAll, type TestServer } from './support/server.js';

afterEach(stopAll);

const change = (joined: boolean, group_id = 'g-1', user_id = 'ada') => ({
  type: 'group_membership_change',
  data: { user_id, group_id, group_name: 'Fleet Commanders', joined },
});

const roomsOf = async (server: TestServer, member: Member) =>
  [...((await server.gateway.overview.connection(member.connection))?.rooms ?? [])].sort();

describe('groups', () => {
  it('are those of the token where there is no directory', async () => {
    const server = await start();
    const ada = await server.member({ user_id: 'ada', groups: ['g-1', 'g-2', 'g-1'] });
    expect(await roomsOf(server, ada)).toEqual(['group:g-1', 'group:g-2', 'user:ada']);
  });

  it('are those of the directory where there is one, whatever the token says', async () => {
    const server = await start({ directory: { groupsOf: async (userId) => [{ id: `of-${userId}` }] } });
    const ada = await server.member({ user_id: 'ada', groups: ['g-1'] });
    expect(await roomsOf(server, ada)).toEqual(['group:of-ada', 'user:ada']);
  });

  it.each([
    ['can’t tell', () => undefined],
    ['has nothing to say', () => null as never],
    [
      'fails',
      () => {
        throw new Error('the backend is down');
      },
    ],
  ])('are none where the directory %s', async (_, groupsOf) => {
    const server = await start({ directory: { groupsOf } });
    const ada = await server.member({ user_id: 'ada', groups: ['g-1'] });
    expect(await roomsOf(server, ada)).toEqual(['user:ada']);
  });

  it('with an id that no room can have are left out, with a line in the log', async () => {
    const server = await start({
      directory: { groupsOf: () => [{ id: 'x'.repeat(129) }, { id: 'a\nb' }, { id: 'ok' }] },
    });
    expect(await roomsOf(server, await server.member('ada'))).toEqual(['group:ok', 'user:ada']);
    expect(server.logger.lines.filter(({ message }) => message.startsWith('the id of a group'))).toHaveLength(2);
  });
});

describe('a published change of groups', () => {
  it('is told to the user alone, and joins or leaves the room at once, on every connection', async () => {
    const server = await start();
    const [ada, tab, bob] = [await server.member('ada'), await server.member('ada'), await server.member('bob')];
    await ada.told();
    server.publish(change(true));
    for (const one of [ada, tab]) {
      const [first, ...others] = await one.told();
      expect(first).toMatchObject(change(true));
      expect(first).not.toHaveProperty('room');
      expect(others.map(({ type, data }) => [type, data.room_id])).toContainEqual(['room_joined', 'group:g-1']);
      expect(await roomsOf(server, one)).toEqual(['group:g-1', 'user:ada']);
    }
    expect(await bob.told()).toEqual([]);
    server.publish({ type: 'message', room: 'group:g-1', data: 'to the group' });
    expect(brief(await tab.told())).toContainEqual(['message', 'to the group']);
    await ada.told();
    server.publish(change(false));
    const told = await ada.told();
    expect(told.map(({ type }) => type).slice(0, 2)).toEqual(['group_membership_change', 'room_left']);
    server.publish({ type: 'message', room: 'group:g-1', data: 'to the group' });
    await tab.told();
    expect([await ada.told(), await tab.told(), await bob.told()]).toEqual([[], [], []]);
  });

  it('once more changes nothing', async () => {
    const server = await start();
    const ada = await server.member('ada');
    for (const joined of [true, true, false, false]) server.publish(change(joined));
    expect((await ada.told()).map(({ type }) => type)).toEqual([
      'group_membership_change',
      'room_joined',
      'group_membership_change',
      'group_membership_change',
      'room_left',
      'group_membership_change',
    ]);
  });

  it('counts more than the answer of a directory that was asked before it', async () => {
    const answers: ((groups: Group[]) => void)[] = [];
    const server = await start({ directory: { groupsOf: () => new Promise((resolve) => answers.push(resolve)) } });
    const arriving = server.member('ada');
    await eventually(() => answers.length === 1);
    server.publish(change(true, 'new'));
    server.publish(change(false, 'old'));
    answers[0]?.([{ id: 'old' }, { id: 'kept' }]);
    const ada = await arriving;
    expect(await roomsOf(server, ada)).toEqual(['group:kept', 'group:new', 'user:ada']);
    // Asked again the directory counts.
    const rechecked = server.gateway.recheck();
    await eventually(() => answers.length === 2);
    server.publish(change(true, 'newest'));
    answers[1]?.([{ id: 'old' }]);
    await rechecked;
    expect(await roomsOf(server, ada)).toEqual(['group:newest', 'group:old', 'user:ada']);
  });

  it('reaches a connection whose groups are still being asked for, from another instance too', async () => {
    const answers: ((groups: Group[]) => void)[] = [];
    const groupsOf = () => new Promise<Group[]>((resolve) => answers.push(resolve));
    const { servers } = await startCluster(2, { directory: { groupsOf } });
    const [one, two] = servers as [TestServer, TestServer];
    const arriving = two.member('ada');
    await eventually(() => answers.length === 1);
    one.publish(change(true, 'new'));
    await turns(5);
    answers[0]?.([]);
    expect(await roomsOf(two, await arriving)).toEqual(['group:new', 'user:ada']);
  });

  it('for somebody who is not connected changes nothing and harms nobody', async () => {
    const server = await start();
    const bob = await server.member('bob');
    server.publish(change(true));
    await turns(5);
    expect(await bob.told()).toEqual([]);
    expect(server.gateway.overview.room('group:g-1')).toBeUndefined();
  });
});

describe('asking the directory again', () => {
  it('once more is enough for all who wished for it meanwhile', async () => {
    const answers: (() => void)[] = [];
    let isSlow = false;
    const groupsOf = (): [] | Promise<[]> => (isSlow ? new Promise((resolve) => answers.push(() => resolve([]))) : []);
    const server = await start({ directory: { groupsOf } });
    await server.member('ada');
    isSlow = true;
    const first = server.gateway.recheck();
    await eventually(() => answers.length === 1);
    const others = Array.from({ length: 5 }, () => server.gateway.recheck());
    answers[0]?.();
    await first;
    await eventually(() => answers.length === 2);
    answers[1]?.();
    await Promise.all(others);
    await turns(5);
    expect(answers).toHaveLength(2);
  });

  it('goes on after an answer that was none at all', async () => {
    let groups: readonly Group[] = [{ id: 'a' }];
    const server = await start({ directory: { groupsOf: () => groups } });
    const ada = await server.member('ada');
    groups = 5 as never;
    await expect(server.gateway.recheck()).rejects.toThrow(TypeError);
    groups = [{ id: 'b' }];
    await server.gateway.recheck();
    expect(await roomsOf(server, ada)).toEqual(['group:b', 'user:ada']);
  });

  it('counts more than an answer that it gave before to who is just connecting', async () => {
    const answers: ((groups: Group[]) => void)[] = [];
    const server = await start({ directory: { groupsOf: () => new Promise((resolve) => answers.push(resolve)) } });
    const arriving = server.member('ada');
    await eventually(() => answers.length === 1);
    const rechecked = server.gateway.recheck();
    await eventually(() => answers.length === 2);
    answers[1]?.([{ id: 'new' }]);
    await rechecked;
    answers[0]?.([{ id: 'old' }]);
    await eventually(() => answers.length === 3);
    answers[2]?.([{ id: 'new' }]);
    expect(await roomsOf(server, await arriving)).toEqual(['group:new', 'user:ada']);
  });

  it('brings everybody here in line, where it can tell', async () => {
    const groups = new Map<string, Group[] | undefined>([
      ['ada', [{ id: 'a' }]],
      ['bob', [{ id: 'a' }]],
    ]);
    const server = await start({ directory: { groupsOf: (userId) => groups.get(userId) } });
    const [ada, bob] = [await server.member('ada'), await server.member('bob')];
    groups.set('ada', [{ id: 'b' }, { id: 'c' }]);
    groups.set('bob', undefined);
    await Promise.all([server.gateway.recheck(), server.gateway.recheck()]);
    expect(await roomsOf(server, ada)).toEqual(['group:b', 'group:c', 'user:ada']);
    expect(await roomsOf(server, bob)).toEqual(['group:a', 'user:bob']);
  });
});
