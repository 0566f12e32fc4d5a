import { createEngine, MemoryBroker } from '@roomcast/engine';
import { ManualClock, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Users } from '../src/users.js';
import {
  authenticate,
  clockOfNow,
  events,
  settle,
  startGateway,
  stopAll,
  type TestServer,
  until,
} from './support/server.js';
import { token } from './support/tokens.js';

afterEach(stopAll);

/** Turns of the event loop in which all that is under way between instances arrives. */
const busTurns = 20;

const comings = [{ event_type: 'user_joined' }, { event_type: 'user_left' }];

describe('user_joined', () => {
  it('tells who has authenticated, and when', async () => {
    const server = await startGateway();
    const watching = await server.subscribed(comings);
    const before = server.clock.now();
    await server.signedIn({ sub: 'u-1', username: 'one@example.com' });
    const at = new Date(before).toISOString();
    expect(await settle(watching)).toEqual([
      {
        message_type: 'user_joined',
        data: { user_id: 'u-1', username: 'one@example.com', joined_at: at },
        timestamp: at,
      },
    ]);
  });

  it('reaches the user too, where the user subscribed first', async () => {
    const server = await startGateway();
    const client = await server.subscribed(comings);
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) } });
    expect(await events(client)).toEqual(['user_joined']);
  });

  it('is filtered like every event', async () => {
    const server = await startGateway();
    const watching = await server.subscribed([{ event_type: 'user_joined', user_id: 'u-2' }]);
    await server.signedIn({ sub: 'u-1' });
    await server.signedIn({ sub: 'u-2' });
    expect(await settle(watching)).toMatchObject([{ data: { user_id: 'u-2' } }]);
  });

  it('does not come for who only connects, nor for a bad token', async () => {
    const server = await startGateway();
    const watching = await server.subscribed(comings);
    await server.client();
    const refused = await server.client();
    refused.send({ message_type: 'auth', data: { token: 'nonsense' } });
    await refused.waitForClose();
    expect(await events(watching)).toEqual([]);
  });

  it('comes once, however many connections a user has and however often they authenticate', async () => {
    const server = await startGateway();
    const watching = await server.subscribed(comings);
    const first = await server.signedIn({ sub: 'u-1' });
    await server.signedIn({ sub: 'u-1' });
    await authenticate(first, await token({ sub: 'u-1' }));
    expect(await events(watching)).toEqual(['user_joined']);
  });
});

describe('user_left', () => {
  it('tells who has gone, and when, with the last connection', async () => {
    const server = await startGateway();
    const watching = await server.subscribed(comings);
    const first = await server.signedIn({ sub: 'u-1' });
    const second = await server.signedIn({ sub: 'u-1' });
    expect(await events(watching)).toEqual(['user_joined']);
    await first.close();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(2));
    expect(await events(watching)).toEqual([]);
    await second.close();
    const at = new Date(server.clock.now()).toISOString();
    expect(await watching.nextJson()).toEqual({
      message_type: 'user_left',
      data: { user_id: 'u-1', left_at: at },
      timestamp: at,
    });
    await server.clock.advance(20_000);
    await server.signedIn({ sub: 'u-1', username: 'renamed' });
    const joined_at = new Date(server.clock.now()).toISOString();
    expect(await settle(watching)).toMatchObject([{ data: { user_id: 'u-1', username: 'renamed', joined_at } }]);
  });

  it('does not come for who makes room for another connection of the same user', async () => {
    const server = await startGateway({ maxConnectionsPerIdentity: 1 });
    const watching = await server.subscribed(comings);
    const first = await server.signedIn({ sub: 'u-1' });
    await server.signedIn({ sub: 'u-1' });
    await first.waitForClose();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(2));
    expect(await events(watching)).toEqual(['user_joined']);
  });

  it('comes when a token has expired', async () => {
    const server = await startGateway({ pingIntervalMs: 0, idleTimeoutMs: 0 });
    const watching = await server.subscribed(comings);
    const client = await server.signedIn({ sub: 'u-1' });
    await server.clock.advance(3_630_000);
    await client.waitForClose();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(1));
    expect(await events(watching)).toEqual(['user_joined', 'user_left']);
  });

  it('is not told while the server shuts down: everybody leaves', async () => {
    const server = await startGateway();
    const user = await server.signedIn({ sub: 'u-1' });
    // Farewells go out a hundred at a time: who watches is in the second batch, and still there when the user is gone.
    await Promise.all(Array.from({ length: 99 }, () => server.client()));
    const watching = await server.subscribed(comings);
    const drained = server.engine.drain(10_000);
    await user.waitForClose();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(1));
    await server.clock.advance(100);
    expect(await watching.waitForClose()).toEqual({ code: 1012, reason: 'Service restart' });
    await server.clock.advance(10_000);
    await drained;
    expect(watching.received).toEqual([]);
  });
});

describe('of two instances', () => {
  async function two(): Promise<{ broker: MemoryBroker; clock: ManualClock; one: TestServer; other: TestServer }> {
    const broker = new MemoryBroker();
    const clock = clockOfNow();
    const one = await startGateway({}, { bus: broker.connect(), clock });
    const other = await startGateway({}, { bus: broker.connect(), clock });
    return { broker, clock, one, other };
  }

  it('each tells once that a user has come, and once that the last connection has gone', async () => {
    const { one, other } = await two();
    const [here, there] = [await one.subscribed(comings), await other.subscribed(comings)];
    const first = await one.signedIn({ sub: 'u-1', username: 'one@example.com' });
    const joined = { message_type: 'user_joined', data: { user_id: 'u-1', username: 'one@example.com' } };
    const [seenHere, seenThere] = [await here.nextJson(), await there.nextJson()];
    expect(seenHere).toMatchObject(joined);
    expect(seenThere).toEqual(seenHere);
    const second = await other.signedIn({ sub: 'u-1', username: 'one@example.com' });
    await first.close();
    await until(() => expect(one.gateway.mount.sessions.size).toBe(1));
    await turns(busTurns);
    expect(await events(here)).toEqual([]);
    expect(await events(there)).toEqual([]);
    await second.close();
    expect(await here.nextJson()).toMatchObject({ message_type: 'user_left', data: { user_id: 'u-1' } });
    expect(await there.nextJson()).toMatchObject({ message_type: 'user_left', data: { user_id: 'u-1' } });
    expect(await events(here)).toEqual([]);
    expect(await events(there)).toEqual([]);
  });

  it('each tells once of a user who comes to both in the same moment', async () => {
    const { one, other } = await two();
    const [here, there] = [await one.subscribed(comings), await other.subscribed(comings)];
    await Promise.all([one.signedIn({ sub: 'u-1' }), other.signedIn({ sub: 'u-1' })]);
    await turns(busTurns);
    expect(await events(here)).toEqual(['user_joined']);
    expect(await events(there)).toEqual(['user_joined']);
  });

  it('one that is lost takes its users with it, on the other', async () => {
    const { one, other, clock } = await two();
    const there = await other.subscribed(comings);
    await one.signedIn({ sub: 'u-1' });
    expect(await there.nextJson()).toMatchObject({ message_type: 'user_joined' });
    (one.engine.options.bus as ReturnType<MemoryBroker['connect']>).setStatus('down');
    const seen: string[] = [];
    for (let passed = 0; passed < 25; passed += 5) {
      await clock.advance(5000);
      seen.push(...(await events(there)));
    }
    expect(seen).toEqual(['user_left']);
    expect(other.engine.stats().members).toBe(1);
  });

  it('one that starts later does not announce who has been there', async () => {
    // What the first one says of itself reaches the second only when the broker's clock is moved.
    const brokerClock = new ManualClock();
    const broker = new MemoryBroker({
      clock: brokerClock,
      fate: ({ to, topic }) => (to === 'other' && topic.endsWith('$cluster') ? { delayMs: 1000 } : 'deliver'),
    });
    const one = await startGateway({}, { bus: broker.connect('one') });
    await one.signedIn({ sub: 'u-1' });
    const clock = new ManualClock(one.clock.now() + 60_000);
    const other = await startGateway({}, { bus: broker.connect('other'), clock });
    const there = await other.subscribed(comings);
    for (let second = 0; second < 5; second++) {
      await brokerClock.advance(1000);
      await turns(busTurns);
    }
    expect(other.gateway.stats().total_connections).toBe(1);
    expect(other.engine.stats().members).toBe(2);
    expect(await events(there)).toEqual([]);
    // It knows of the user all the same: another connection of the same one is no news.
    await other.signedIn({ sub: 'u-1' });
    expect(await events(there)).toEqual([]);
  });
});

describe('what is shared of a user', () => {
  it('may arrive after the news that the user is there: the name is waited for', async () => {
    const broker = new MemoryBroker();
    const [one, other] = [createEngine({ bus: broker.connect() }), createEngine({ bus: broker.connect() })];
    const told: string[] = [];
    const listener = {
      joined: (id: string, { username }: { username: string }) => told.push(`${id} joined as ${username}`),
      left: (id: string) => told.push(`${id} left`),
    };
    const here = new Users(one, 'raffle', { joined() {}, left() {} });
    new Users(other, 'raffle', listener);
    await turns(busTurns);
    const user = (id: string) => ({ id, username: `${id}@example.com`, role: 'User' as const, expiresAt: 0 });
    const leave = here.arrive(user('u-1'));
    await turns(busTurns);
    // In one tick: who is there changes first, the second user's name after that; they travel in this order.
    leave();
    here.arrive(user('u-2'));
    await turns(busTurns);
    expect(told).toEqual(['u-1 joined as u-1@example.com', 'u-1 left', 'u-2 joined as u-2@example.com']);
    await one.close();
    await other.close();
  });
});
