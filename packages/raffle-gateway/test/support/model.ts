import { eventTypes, matches, type RaffleEvent, type Role, type Subscription } from '@roomcast/raffle-protocol';
import type { TestClient } from '@roomcast/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { someEvent, someSubscription } from './arbitraries.js';
import { settle, type TestServer, until } from './server.js';
import { token } from './tokens.js';

const clients = 4;

/** Their ids are among those of events, so that private events are for some of them. */
const users: readonly { id: string; role: Role }[] = [
  { id: 'a', role: 'User' },
  { id: 'b', role: 'Seller' },
  { id: '1:a', role: 'Admin' },
];

/** What may happen. `who` is a client. */
export type Command =
  | { readonly kind: 'subscribe'; readonly who: number; readonly entries: readonly unknown[] }
  | { readonly kind: 'authenticate'; readonly who: number; readonly as: number }
  | { readonly kind: 'garbage'; readonly who: number; readonly message: string | Buffer }
  | { readonly kind: 'leave'; readonly who: number }
  | { readonly kind: 'publish'; readonly event: RaffleEvent };

const who = fc.nat(clients - 1);
const invalidEntry = fc.oneof(
  fc.constantFrom(null, 5, [], 'all', {}),
  fc.record({ event_type: fc.string() }),
  fc.record({ event_type: fc.constantFrom('all', ...eventTypes), room: fc.constantFrom(5, '', {}, 'x'.repeat(257)) }),
);
const garbage = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .record({ message_type: fc.oneof(fc.string(), fc.jsonValue()), data: fc.jsonValue() })
    .map((one) => JSON.stringify(one)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

/** Anything but the three messages that mean something. */
const someGarbage = garbage.filter((message) => {
  if (typeof message !== 'string') return true;
  try {
    return !['auth', 'subscribe', 'ping'].includes(JSON.parse(message)?.message_type);
  } catch {
    return true;
  }
});

const someCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish' as const), event: someEvent() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      who,
      entries: fc.array(fc.oneof({ weight: 4, arbitrary: someSubscription }, invalidEntry), { maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('authenticate' as const), who, as: fc.nat(users.length - 1) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage' as const), who, message: someGarbage }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
);

export const someCommands = fc.array(someCommand, { maxLength: 40 });

/** A client beside what the specification says of it. */
interface Connected {
  readonly client: TestClient;
  user: (typeof users)[number] | null;
  subscriptions: readonly Subscription[];
  readonly received: string[];
  readonly expected: string[];
}

interface Told {
  message_type: string;
  data: object;
}

/** Does what the commands say, on a server and on paper, and compares who was told what. */
export async function play(server: TestServer, commands: readonly Command[]): Promise<void> {
  const connected: Connected[] = [];
  try {
    await run(server, commands, connected);
  } finally {
    for (const { client } of connected) client.socket.terminate();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(0));
  }
  expect(server.gateway.stats()).toMatchObject({
    total_connections: 0,
    authenticated_connections: 0,
    active_rooms: {},
  });
}

async function run(server: TestServer, commands: readonly Command[], connected: Connected[]): Promise<void> {
  const connect = async (): Promise<Connected> => ({
    client: await server.client(),
    user: null,
    subscriptions: [],
    received: [],
    expected: [],
  });
  connected.push(...(await Promise.all(Array.from({ length: clients }, connect))));
  const tokens = await Promise.all(users.map(({ id, role }) => token({ sub: id, role }, server.clock.now())));
  const now = new Date(server.clock.now()).toISOString();

  const expectEvent = (event: Told & RaffleEvent) => {
    for (const one of connected) if (isFor(one, event)) one.expected.push(text(event));
  };
  const gone = async (one: Connected, index: number) => {
    await until(() => expect(server.gateway.mount.sessions.size).toBe(clients - 1));
    compare(one);
    connected[index] = await connect();
    const { user } = one;
    if (user === null || connected.some((other) => other.user === user)) return;
    expectEvent({ message_type: 'user_left', data: { user_id: user.id, left_at: now } });
  };

  for (const command of commands) {
    if (command.kind === 'publish') {
      server.gateway.publish(command.event);
      expectEvent(command.event);
      continue;
    }
    const one = connected[command.who] as Connected;
    switch (command.kind) {
      case 'subscribe':
        one.client.send({ message_type: 'subscribe', data: { subscriptions: command.entries } });
        one.subscriptions = command.entries.filter(isValid);
        break;
      case 'garbage':
        one.client.send(command.message);
        break;
      case 'authenticate': {
        const user = users[command.as] as (typeof users)[number];
        one.client.send({ message_type: 'auth', data: { token: tokens[command.as] } });
        if (one.user !== null && one.user !== user) {
          expect((await one.client.waitForClose()).code).toBe(4401);
          take(one, one.client.received);
          await gone(one, command.who);
          continue;
        }
        const isNew = connected.every((other) => other.user !== user);
        one.user = user;
        const data = { user_id: user.id, username: `${user.id}@example.com`, joined_at: now };
        if (isNew) expectEvent({ message_type: 'user_joined', data });
        break;
      }
      case 'leave':
        take(one, await settle(one.client));
        await one.client.close();
        await gone(one, command.who);
        continue;
    }
    take(one, await settle(one.client));
  }
  for (const one of connected) {
    take(one, await settle(one.client));
    compare(one);
  }
}

function isValid(entry: unknown): entry is Subscription {
  return typeof entry === 'object' && entry !== null && Object.keys(entry).length === 5;
}

function isFor({ user, subscriptions }: Connected, event: RaffleEvent): boolean {
  if (!subscriptions.some((subscription) => matches(subscription, event))) return false;
  if (event.message_type !== 'credits_issued' && event.message_type !== 'credits_redeemed') return true;
  return user !== null && (user.role === 'Admin' || user.id === event.data.user_id);
}

function text({ message_type, data }: Told): string {
  return `${message_type} ${JSON.stringify(data)}`;
}

function take(one: Connected, received: readonly (string | Buffer | Told)[]): void {
  for (const message of received) {
    const told: Told = typeof message === 'string' || Buffer.isBuffer(message) ? JSON.parse(String(message)) : message;
    one.received.push(text(told));
  }
}

function compare({ received, expected }: Connected): void {
  expect(received).toEqual(expected);
}
