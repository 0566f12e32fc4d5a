import { openClient, type TestClient, turns, UpgradeRefused } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { raffleGateway } from '../src/index.js';
import { authenticate, event, events, settle, startGateway, stopAll, subscribe, until } from './support/server.js';
import { token } from './support/tokens.js';

afterEach(stopAll);

/** What a connection may send, as it is unless configured otherwise. */
const standard = { maxMessages: undefined, maxMessagesBeforeAuth: undefined };

const tooManyMessages = { code: 1008, reason: 'Too many messages' };

async function ping(client: TestClient, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent++) client.send({ message_type: 'ping', data: {} });
  for (let come = 0; come < times; come++) expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
}

function warnings(server: { logger: { lines: readonly { level: string; message: string }[] } }): string[] {
  return server.logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

describe('messages before authentication', () => {
  it.each([19, 20])('%d in a minute are fine', async (count) => {
    const server = await startGateway(standard);
    const client = await server.client();
    await ping(client, count);
    expect(warnings(server)).toEqual([]);
  });

  it('the 21st in a minute closes with 1008, and there is one line in the log', async () => {
    const server = await startGateway(standard);
    const client = await server.client();
    await ping(client, 20);
    for (let more = 0; more < 5; more++) client.send({ message_type: 'ping', data: {} });
    expect(await client.waitForClose()).toEqual(tooManyMessages);
    expect(warnings(server)).toEqual(['a session sends too many messages']);
  });

  it('count whatever they are: garbage too', async () => {
    const server = await startGateway(standard);
    const client = await server.client();
    for (let sent = 0; sent < 10; sent++) {
      client.send('nonsense');
      client.send(Buffer.from('nonsense'));
    }
    client.send({ message_type: 'ping', data: {} });
    expect(await client.waitForClose()).toEqual(tooManyMessages);
  });

  it('count no more when the minute has passed', async () => {
    const server = await startGateway(standard);
    const client = await server.client();
    await ping(client, 20);
    await server.clock.advance(120_000);
    await ping(client, 20);
    expect(client.received).toEqual([]);
  });
});

describe('messages after authentication', () => {
  it.each([99, 100])('%d in a minute are fine, auth among them', async (count) => {
    const server = await startGateway(standard);
    const client = await server.signedIn({ sub: 'u-1' });
    await ping(client, count - 2);
    expect(warnings(server)).toEqual([]);
  });

  it('the 101st closes with 1008', async () => {
    const server = await startGateway(standard);
    const client = await server.signedIn({ sub: 'u-1' });
    await ping(client, 98);
    client.send({ message_type: 'ping', data: {} });
    expect(await client.waitForClose()).toEqual(tooManyMessages);
    expect(warnings(server)).toEqual(['a session sends too many messages']);
  });

  it('have the limits that are configured', async () => {
    const server = await startGateway({ maxMessages: 5, maxMessagesBeforeAuth: 3 });
    const anonymous = await server.client();
    await ping(anonymous, 3);
    anonymous.send({ message_type: 'ping', data: {} });
    expect(await anonymous.waitForClose()).toEqual(tooManyMessages);
    const client = await server.signedIn({ sub: 'u-1' });
    await ping(client, 3);
    client.send({ message_type: 'ping', data: {} });
    expect(await client.waitForClose()).toEqual(tooManyMessages);
  });

  it('never have a lower limit than before', async () => {
    const server = await startGateway({ maxMessages: 5, maxMessagesBeforeAuth: undefined });
    const client = await server.client();
    await ping(client, 5);
    client.send({ message_type: 'ping', data: {} });
    expect(await client.waitForClose()).toEqual(tooManyMessages);
  });
});

describe('auth messages', () => {
  it('five in a minute are fine, the sixth closes with 1008', async () => {
    const server = await startGateway(standard);
    const client = await server.client();
    const good = await token({ sub: 'u-1' });
    for (let sent = 0; sent < 5; sent++) await authenticate(client, good);
    client.send({ message_type: 'auth', data: { token: good } });
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'Too many authentication attempts' });
    expect(warnings(server)).toEqual(['a session authenticates too often']);
  });

  it('count no more when the minute has passed', async () => {
    const server = await startGateway({ maxAuthsPerMinute: 1 });
    const client = await server.signedIn({ sub: 'u-1' });
    await server.clock.advance(120_000);
    await authenticate(client, await token({ sub: 'u-1' }));
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) } });
    expect((await client.waitForClose()).code).toBe(1008);
  });
});

describe('subscriptions of one connection', () => {
  const list = (count: number) =>
    Array.from({ length: count }, (_, raffle) => ({ event_type: 'box_purchased', raffle_id: `r-${raffle + 1}` }));

  it.each([
    [99, 99],
    [100, 100],
    [101, 100],
    [150, 100],
  ])('of %d the first %d count', async (given, counting) => {
    const server = await startGateway();
    const client = await server.subscribed(list(given));
    for (let raffle = 1; raffle <= given; raffle++)
      server.publish(event('box_purchased', { raffle_id: `r-${raffle}` }));
    expect((await settle(client)).map(({ data }) => data.raffle_id)).toEqual(
      list(counting).map(({ raffle_id }) => raffle_id),
    );
    expect(warnings(server)).toHaveLength(given > counting ? 1 : 0);
  });

  it('are counted without the invalid ones', async () => {
    const server = await startGateway({ maxSubscriptions: 2 });
    const client = await server.subscribed([{}, ...list(1), { event_type: 'raffle_full' }, { event_type: 'all' }]);
    server.publish(event('box_purchased'));
    server.publish(event('raffle_full'));
    server.publish(event('item_created'));
    expect(await events(client)).toEqual(['box_purchased', 'raffle_full']);
  });

  it('are limited by maxRooms too, which is what the environment knows', async () => {
    const server = await startGateway({ maxRooms: 1 });
    const client = await server.subscribed([{ event_type: 'raffle_full' }, { event_type: 'all' }]);
    server.publish(event('box_purchased'));
    server.publish(event('raffle_full'));
    expect(await events(client)).toEqual(['raffle_full']);
  });

  it('do not add up over messages, because each replaces the list', async () => {
    const server = await startGateway();
    const client = await server.subscribed(list(100));
    await subscribe(client, list(101).slice(1));
    server.publish(event('box_purchased', { raffle_id: 'r-101' }));
    expect(await events(client)).toEqual(['box_purchased']);
  });
});

describe('connections of one user', () => {
  const everything = [{ event_type: 'system_alert' }];

  it('may be two or three; the fourth closes the oldest with 4408', async () => {
    const server = await startGateway();
    const first = await server.subscribed(everything, { sub: 'u-1' });
    const second = await server.subscribed(everything, { sub: 'u-1' });
    const third = await server.subscribed(everything, { sub: 'u-1' });
    const another = await server.subscribed(everything, { sub: 'u-2' });
    server.publish(event('system_alert'));
    for (const client of [first, second, third, another]) expect(await events(client)).toEqual(['system_alert']);
    const fourth = await server.subscribed(everything, { sub: 'u-1' });
    expect(await first.waitForClose()).toEqual({ code: 4408, reason: 'Too many connections' });
    server.publish(event('system_alert'));
    for (const client of [second, third, fourth, another]) expect(await events(client)).toEqual(['system_alert']);
  });

  it('are as many as is configured', async () => {
    const server = await startGateway({ maxConnectionsPerIdentity: 1 });
    const first = await server.signedIn({ sub: 'u-1' });
    const second = await server.signedIn({ sub: 'u-1' });
    expect((await first.waitForClose()).code).toBe(4408);
    expect(await settle(second)).toEqual([]);
  });

  it('are of an age that renewing does not change', async () => {
    const server = await startGateway({ maxConnectionsPerIdentity: 2 });
    const first = await server.signedIn({ sub: 'u-1' });
    const second = await server.signedIn({ sub: 'u-1' });
    await authenticate(first, await token({ sub: 'u-1' }));
    await server.signedIn({ sub: 'u-1' });
    expect((await first.waitForClose()).code).toBe(4408);
    expect(await settle(second)).toEqual([]);
  });

  it('that are refused instead, where that is configured, do not count', async () => {
    const server = await startGateway({ maxConnectionsPerIdentity: 1, whenTooMany: 'refuse' });
    const first = await server.signedIn({ sub: 'u-1' });
    const second = await server.client();
    second.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) } });
    expect(await second.waitForClose()).toEqual({ code: 4408, reason: 'Too many connections' });
    expect(server.logger.lines.filter(({ message }) => message === 'authenticated')).toHaveLength(1);
    expect(await settle(first)).toEqual([]);
    await until(() =>
      expect(server.gateway.stats()).toMatchObject({ total_connections: 1, authenticated_connections: 1 }),
    );
  });

  it('are not those who are nobody: they have no such limit', async () => {
    const server = await startGateway();
    const clients = await Promise.all(Array.from({ length: 10 }, () => server.client()));
    for (const client of clients) expect(await settle(client)).toEqual([]);
  });
});

describe('silence', () => {
  it('of five minutes closes with 1001; what the server sends does not count', async () => {
    const server = await startGateway({ pingIntervalMs: 0 });
    const client = await server.subscribed([{ event_type: 'all' }]);
    await server.clock.advance(299_000);
    server.publish(event('system_alert'));
    expect(await client.nextJson()).toMatchObject({ message_type: 'system_alert' });
    await server.clock.advance(1_000);
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: 'Idle timeout' });
  });

  it('ends with any message, garbage too', async () => {
    const server = await startGateway({ pingIntervalMs: 0 });
    const client = await server.client();
    for (const message of [{ message_type: 'ping', data: {} }, 'nonsense']) {
      await server.clock.advance(299_000);
      client.send(message);
      await until(() => expect([...server.gateway.mount.sessions][0]?.lastReceivedAt).toBe(server.clock.now()));
    }
    await server.clock.advance(299_000);
    expect(await settle(client)).toEqual([]);
  });

  it('is not ended by pongs', async () => {
    const server = await startGateway();
    const client = await server.client();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let passed = 30; passed <= 300; passed += 30) {
      await server.clock.advance(30_000);
      // Each ping is to be answered before the next.
      const session = [...server.gateway.mount.sessions][0];
      await until(() => expect(session?.pingedAt ?? 0).toBe(0));
    }
    expect((await client.waitForClose()).reason).toBe('Idle timeout');
    expect(pings).toBe(9);
  });

  it('of a WebSocket ping, until the next one, ends the connection', async () => {
    const server = await startGateway();
    const deaf = await openClient(`${server.ws}/ws`, { autoPong: false });
    await server.clock.advance(30_000);
    await turns(10);
    await server.clock.advance(29_000);
    expect(server.gateway.mount.sessions.size).toBe(1);
    await server.clock.advance(1_000);
    expect(await deaf.waitForClose()).toEqual({ code: 1001, reason: 'No pong' });
  });
});

describe('sizes and numbers', () => {
  it.each([65_535, 65_536])('a message of %d bytes is read', async (bytes) => {
    const server = await startGateway();
    const client = await server.client();
    client.send('x'.repeat(bytes));
    expect(await settle(client)).toEqual([]);
  });

  it('a message of 65537 bytes closes with 1009', async () => {
    const server = await startGateway();
    const client = await server.client();
    client.send('x'.repeat(65_537));
    expect((await client.waitForClose()).code).toBe(1009);
  });

  it.each([
    ['in all', { maxConnections: 2 }, 503],
    ['from one address', { maxConnectionsPerIp: 2 }, 429],
    ['attempted from one address in a minute', { maxConnectsPerIpPerMinute: 2 }, 429],
  ])('connections %s are limited before the upgrade', async (_, limit, status) => {
    const server = await startGateway({}, limit);
    await server.client();
    await server.client();
    const refused = await server.client().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeRefused);
    expect(refused).toMatchObject({ status });
  });
});

describe('a connection that does not read', () => {
  it('is closed and forgotten, and nobody else notices', async () => {
    const server = await startGateway({ maxQueuedBytes: 64 * 1024 });
    const slow = await server.subscribed([{ event_type: 'all' }], { sub: 'u-1' });
    const other = await server.subscribed([{ event_type: 'system_alert' }]);
    slow.socket.pause();
    await until(() => {
      server.publish(event('item_created', { name: 'x'.repeat(60_000) }));
      expect(warnings(server)).toContain('a session reads too slowly');
    });
    await server.clock.advance(6_000);
    await until(() => expect(server.gateway.mount.sessions.size).toBe(1));
    expect(server.gateway.mount.stats().closed).toEqual({ 1013: 1 });
    server.publish(event('system_alert'));
    expect(await events(other)).toEqual(['system_alert']);
  });

  it('because it is gone leaves nothing behind', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all', room: 'a-room' }], { sub: 'u-1', role: 'Admin' });
    client.socket.terminate();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(0));
    expect(server.gateway.stats()).toMatchObject({ authenticated_connections: 0, active_rooms: {} });
    server.publish(event('credits_issued'));
    expect(server.gateway.mount.counters.delivered).toBe(0);
  });
});

describe('an option that makes no sense', () => {
  it.each([
    ['maxSubscriptions', 0],
    ['maxSubscriptions', 1.5],
    ['maxAuthsPerMinute', 0],
    ['maxMessagesBeforeAuth', -1],
    ['idleTimeoutMs', -1],
  ])('%s: %d is refused by name', async (option, value) => {
    const { engine } = await startGateway();
    const verifier = { verify: async () => ({}) };
    expect(() => raffleGateway(engine, { verifier, name: 'second', paths: '/second', [option]: value })).toThrow(
      option,
    );
  });
});
