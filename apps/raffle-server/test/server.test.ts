import { MemoryBroker } from '@roomcast/engine';
import { type ConnectionStats, connectionStats, parseServerMessage } from '@roomcast/raffle-protocol';
import { eventually, ManualClock } from '@roomcast/testing';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { readRaffleEnvironment } from '../src/index.js';
import { type Started, start } from './support/server.js';

/** A clock that stands still, so that the demonstration's feed does. */
const quiet = () => ({ clock: new ManualClock(Date.now()) });

const ping = { message_type: 'ping', data: {} };
const subscribe = (...subscriptions: object[]) => ({ message_type: 'subscribe', data: { subscriptions } });
const auth = (token: string) => ({ message_type: 'auth', data: { token } });

const full = {
  message_type: 'raffle_full',
  data: { raffle_id: 'r-1', item_id: 'i-1', total_boxes: 10, completed_at: '2024-01-15T12:00:00Z' },
};

const issued = {
  message_type: 'credits_issued',
  data: { user_id: 'alice', amount: 50, source: 'payment', issued_at: '2024-01-15T10:30:00Z' },
};

async function connected(server: Started, ...messages: object[]) {
  const client = await server.client();
  for (const message of [...messages, ping]) client.send(message);
  for (;;) if ((await client.nextJson<{ message_type: string }>()).message_type === 'pong') return client;
}

describe('a demonstration', () => {
  it('has identities of every role, and a token for each', async () => {
    const server = await start({}, quiet());
    const answer = await fetch(`${server.url}/demo/session`);
    const { identities } = (await answer.json()) as { identities: { id: string; role: string }[] };
    expect(new Set(identities.map(({ role }) => role))).toEqual(new Set(['User', 'Seller', 'Admin', 'Operator']));
    for (const { id } of identities) await connected(server, auth(await server.token(id)));
    expect(await server.stats()).toMatchObject({ authenticated_connections: identities.length });
  });

  it('sends events by itself', async () => {
    const server = await start();
    const client = await connected(server, subscribe({ event_type: 'all' }));
    for (let come = 0; come < 3; come++) {
      expect(parseServerMessage(String(await client.next()))).toMatchObject({ ok: true });
    }
  });

  it('is none without DEMO=1: no tokens, no events', async () => {
    const { clock } = quiet();
    const server = await start({ DEMO: '0', JWT_SECRET: 'a secret of thirty-two bytes or more' }, { clock });
    expect((await fetch(`${server.url}/demo/session`)).status).toBe(404);
    const client = await connected(server, subscribe({ event_type: 'all' }));
    await clock.advance(20_000);
    client.send(ping);
    expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
  });

  it('of two instances comes from one of them', async () => {
    const told = new Set<string>();
    const broker = new MemoryBroker({
      fate({ topic, to }) {
        if (topic === 'roomcast.raffle.events') told.add(to);
        return 'deliver';
      },
    });
    const clock = new ManualClock(Date.now());
    const one = await start({}, { bus: broker.connect('one'), clock });
    const other = await start({}, { bus: broker.connect('other'), clock });
    // Until each has had the time to hear of the other, none has it.
    for (let second = 0; second < 20; second++) await clock.advance(1000);
    const clients = await Promise.all(
      [one, other].map((server) => connected(server, subscribe({ event_type: 'all' }))),
    );
    told.clear();
    for (let second = 0; second < 20; second++) await clock.advance(1000);
    await eventually(() => clients.every(({ received }) => received.length > 10), 'events on both');
    expect(told.size).toBe(1);
  });
});

it('is ready once it hears the others, however late the broker is there', async () => {
  const bus = new MemoryBroker().connect();
  const { subscribe: subscribeTo } = bus;
  bus.subscribe = () => Promise.reject(new Error('the broker is not there'));
  const server = await start({}, { ...quiet(), bus });
  const ready = async () => (await fetch(`${server.url}/readyz`)).status;
  expect(await ready()).toBe(503);
  bus.subscribe = subscribeTo;
  await eventually(async () => (await ready()) === 200, 'the server to be ready');
});

describe('the statistics', () => {
  it.each(['/ws/stats', '/api/v1/ws/stats'])('are at %s, with true figures', async (path) => {
    const server = await start({}, quiet());
    await connected(server, subscribe({ event_type: 'raffle_full', room: 'raffle_r-1' }));
    await connected(server, auth(await server.token('alice')), subscribe({ event_type: 'raffle_full' }));
    await connected(server);
    expect((await server.publish(full)).status).toBe(202);
    const stats = (await server.stats(path)) as ConnectionStats;
    expect(stats).toEqual({
      total_connections: 3,
      authenticated_connections: 1,
      active_rooms: { 'raffle_r-1': 1 },
      events_sent_last_hour: 2,
    });
    expect(connectionStats.safeParse(stats).success).toBe(true);
  });
});

describe('publishing', () => {
  it('over HTTP delivers to who subscribed', async () => {
    const server = await start({}, quiet());
    const client = await connected(server, subscribe({ event_type: 'all', room: 'front-page' }));
    const answer = await server.publish([full, { ...full, room: 'front-page' }]);
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 2 }]);
    expect(await client.nextJson()).toMatchObject(full);
    client.send(ping);
    expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
  });

  it('tells what is wrong, field by field, and publishes nothing', async () => {
    const server = await start({}, quiet());
    const client = await connected(server, subscribe({ event_type: 'all' }));
    const answer = await server.publish([full, { ...full, data: { ...full.data, total_boxes: 'ten' } }]);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      issues: [{ path: '1.data.total_boxes', message: 'expected a number, got "ten"' }],
    });
    client.send(ping);
    expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
  });

  it('of private events reaches the user and the staff', async () => {
    const server = await start({}, quiet());
    const everything = subscribe({ event_type: 'credits_issued' });
    const clients: Record<string, Awaited<ReturnType<typeof connected>>> = {};
    for (const who of ['alice', 'bob', 'sam', 'adam', 'olga']) {
      clients[who] = await connected(server, auth(await server.token(who)), everything);
    }
    await server.publish(issued);
    const reached: string[] = [];
    for (const [who, client] of Object.entries(clients)) {
      client.send(ping);
      if ((await client.nextJson<{ message_type: string }>()).message_type !== 'pong') reached.push(who);
    }
    expect(reached).toEqual(['alice', 'adam', 'olga']);
  });
});

describe('the environment', () => {
  it('reaches the clients: limits of messages, subscriptions and connections', async () => {
    const server = await start(
      {
        MAX_MESSAGES_BEFORE_AUTH: '3',
        MAX_MESSAGES_PER_MINUTE: '10',
        MAX_ROOMS_PER_CONNECTION: '1',
        MAX_CONNECTIONS_PER_IDENTITY: '1',
      },
      quiet(),
    );
    const anonymous = await connected(server, ping, ping);
    anonymous.send(ping);
    expect((await anonymous.waitForClose()).code).toBe(1008);
    const first = await connected(server, auth(await server.token('alice')));
    const second = await connected(
      server,
      auth(await server.token('alice')),
      subscribe({ event_type: 'raffle_full' }, { event_type: 'item_created' }),
    );
    expect((await first.waitForClose()).code).toBe(4408);
    await server.publish(full);
    expect(await second.nextJson()).toMatchObject(full);
    expect(server.logger.text).toContain('subscriptions were skipped');
  });

  it('with a secret of its own verifies the tokens that another service issued', async () => {
    const secret = 'a secret of thirty-two bytes or more';
    const server = await start({ DEMO: '0', JWT_SECRET: secret }, quiet());
    const claims = { sub: 'u-1', username: 'u@example.com', role: 'User', token_type: 'access' };
    const tokenUntil = (exp: number) =>
      new SignJWT({ ...claims, exp }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
    const now = Math.floor(Date.now() / 1000);
    await connected(server, auth(await tokenUntil(now + 300)));
    // The clocks of two machines may differ.
    await connected(server, auth(await tokenUntil(now - 20)));
    expect(await server.stats()).toMatchObject({ authenticated_connections: 2 });
    expect(server.logger.text).not.toContain(secret);
  });

  it('without a key is refused at start', () => {
    expect(() => readRaffleEnvironment({})).toThrow(/^JWT_SECRET: /);
    expect(readRaffleEnvironment({ DEMO: '1' })).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8080,
      MAX_MESSAGES_BEFORE_AUTH: 20,
      MAX_AUTHS_PER_MINUTE: 5,
    });
  });

  it('with LOG_LEVEL=debug has a line for every event', async () => {
    const server = await start({ LOG_LEVEL: 'debug' }, quiet());
    await server.publish(full);
    expect(server.logger.lines).toContainEqual(expect.objectContaining({ message: 'an event was delivered' }));
  });
});

describe('stopping', () => {
  it('tells the clients to come back, with 1012', async () => {
    const server = await start();
    const client = await connected(server);
    await server.close(2000);
    expect((await client.waitForClose()).code).toBe(1012);
  });

  it('and being ready are told by /readyz', async () => {
    const server = await start({}, quiet());
    const answer = await fetch(`${server.url}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { ready: true, parts: { bus: 'ok', draining: 'ok', events: 'ok' } },
    ]);
  });
});
