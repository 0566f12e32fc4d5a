import { groupRoom, personalRoom } from '@roomcast/falcon-protocol';
import { eventually, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Member, startCluster, system, type TestServer } from './server.js';

const users = ['ada', 'bob', '__proto__'] as const;
const groups = ['g-1', 'constructor'] as const;
const rooms = ['thread:1', 'lobby'] as const;
const statuses = ['online', 'away', 'offline'] as const;
const graceMs = 10_000;

type User = (typeof users)[number];

export type Command =
  | { do: 'connect'; user: User; place: number }
  | { do: 'close'; who: number }
  | { do: 'enter' | 'leave'; who: number; room: string }
  | { do: 'change'; user: User; group: string; joined: boolean; place: number }
  | { do: 'say'; who: number; status: (typeof statuses)[number] }
  | { do: 'wait'; ms: number };

const user = fc.constantFrom(...users);
const place = fc.nat(1);
const who = fc.nat(20);

export const someCommands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const), user, place }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), who }) },
    fc.record({ do: fc.constantFrom('enter' as const, 'leave' as const), who, room: fc.constantFrom(...rooms) }),
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('change' as const),
        user,
        group: fc.constantFrom(...groups),
        joined: fc.boolean(),
        place,
      }),
    },
    fc.record({ do: fc.constant('say' as const), who, status: fc.constantFrom(...statuses) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 5000, graceMs) }),
  ),
  { maxLength: 40 },
);

interface Connected {
  readonly member: Member;
  readonly user: User;
  readonly rooms: Set<string>;
}

/** What the protocol says there should be. */
class Expected {
  readonly connected: Connected[] = [];
  readonly said = new Map<User, string>();
  readonly goneAt = new Map<User, number>();

  presence(user: User, now: number): string {
    if (this.connected.some((one) => one.user === user)) return this.said.get(user) ?? 'online';
    const goneAt = this.goneAt.get(user);
    return goneAt === undefined || now - goneAt >= graceMs ? 'offline' : (this.said.get(user) ?? 'online');
  }

  /** Forgets what was said by users who count as gone. */
  settle(now: number): void {
    for (const [user, at] of this.goneAt) {
      if (now - at < graceMs) continue;
      this.goneAt.delete(user);
      this.said.delete(user);
    }
  }
}

/** Plays commands on two instances, and after each one compares what both show with what the protocol says. */
export async function play(commands: readonly Command[]): Promise<void> {
  const { servers, clock } = await startCluster(2);
  const watchers = await Promise.all(servers.map((server, index) => server.member(`watcher-${index}`)));
  const expected = new Expected();
  for (const command of commands) {
    await perform(command, servers, expected);
    if (command.do === 'wait') await clock.advance(command.ms);
    await turns(4);
    expected.settle(clock.now());
    await eventually(
      () =>
        matches(servers, watchers, expected, clock.now()).then(
          () => true,
          () => false,
        ),
      'agreement',
      1000,
    )
      // Once more, for the difference itself.
      .catch(() => matches(servers, watchers, expected, clock.now()));
  }
}

async function perform(command: Command, servers: readonly TestServer[], expected: Expected): Promise<void> {
  const { connected } = expected;
  const one = 'who' in command ? connected[command.who % Math.max(1, connected.length)] : undefined;
  switch (command.do) {
    case 'connect': {
      const member = await (servers[command.place] as TestServer).member(command.user);
      connected.push({ member, user: command.user, rooms: new Set([personalRoom(command.user)]) });
      expected.goneAt.delete(command.user);
      break;
    }
    case 'close':
      if (one === undefined) break;
      await one.member.client.close();
      connected.splice(connected.indexOf(one), 1);
      if (!connected.some(({ user }) => user === one.user)) {
        expected.goneAt.set(one.user, (servers[0] as TestServer).clock.now());
      }
      break;
    case 'enter':
    case 'leave': {
      if (one === undefined) break;
      const action = command.do === 'enter' ? 'join' : 'leave';
      const code = await one.member.codeOf(system(action, { room: command.room }));
      expect(code).toBe(action === 'join' || one.rooms.has(command.room) ? 'ok' : 'not_in_room');
      if (action === 'join') one.rooms.add(command.room);
      else one.rooms.delete(command.room);
      break;
    }
    case 'change': {
      const { user: user_id, group: group_id, joined } = command;
      (servers[command.place] as TestServer).publish({
        type: 'group_membership_change',
        data: { user_id, group_id, joined },
      });
      for (const { user, rooms: inRooms } of connected) {
        if (user !== user_id) continue;
        if (joined) inRooms.add(groupRoom(group_id));
        else inRooms.delete(groupRoom(group_id));
      }
      break;
    }
    case 'say':
      if (one === undefined) break;
      await one.member.ask({ type: 'presence', data: { userId: one.user, status: command.status } });
      expected.said.set(one.user, command.status);
      break;
  }
}

async function matches(
  servers: readonly TestServer[],
  watchers: readonly Member[],
  expected: Expected,
  now: number,
): Promise<void> {
  const { connected } = expected;
  const counts = new Map<string, number>();
  for (const { rooms: inRooms } of connected) for (const room of inRooms) counts.set(room, (counts.get(room) ?? 0) + 1);
  const wanted = connected.map(({ member, rooms: inRooms }) => `${member.connection} ${[...inRooms].sort()}`).sort();
  for (const [index, { gateway }] of servers.entries()) {
    const { connections } = await gateway.overview.connections();
    const others = connections.filter(({ user_id }) => !user_id.startsWith('watcher'));
    expect(others.map(({ id, rooms: inRooms }) => `${id} ${[...inRooms].sort()}`).sort()).toEqual(wanted);
    const shown = (await gateway.overview.rooms()).rooms.filter(({ id }) => !id.startsWith('user:watcher'));
    expect(new Map(shown.map(({ id, member_count }) => [id, member_count]))).toEqual(counts);
    const watcher = watchers[index] as Member;
    watcher.send(system('subscribe_presence', { userIds: users }));
    const told = (await watcher.told()).slice(-users.length).map(({ data }) => data.status);
    expect(told).toEqual(users.map((one) => expected.presence(one, now)));
  }
}
