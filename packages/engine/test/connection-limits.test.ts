import { eventually, ManualClock, openClient, UpgradeRefused } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ask, type RawServer, rawServer } from './support/raw-wire.js';

/** Opens a connection that says it comes from `ip`, through a trusted proxy. */
const from = (server: RawServer, ip: string) => openClient(server.url, { headers: { 'X-Forwarded-For': ip } });

async function refused(connecting: Promise<unknown>): Promise<UpgradeRefused> {
  const outcome = await connecting.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof UpgradeRefused)) throw new Error(`expected an HTTP refusal, got ${String(outcome)}`);
  return outcome;
}

describe('the connections of a process', () => {
  it('are limited: one more gets 503, and a place that becomes free is given again', async () => {
    const server = await rawServer({ engine: { maxConnections: 3 } });
    const clients = [await server.client(), await server.client(), await server.client()];
    const refusal = await refused(server.client());
    expect(refusal.status).toBe(503);
    expect(refusal.headers['retry-after']).toBe('10');
    expect(server.engine.stats().sessions).toBe(3);
    expect(server.mount.stats()).toMatchObject({ opened: 3, refused: { 503: 1 } });
    await clients[0]?.close();
    await eventually(() => server.engine.stats().sessions === 2);
    expect(await ask(await server.client(), { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('are counted from before the handshake, so that a crowd at the door does not get in', async () => {
    let letIn = () => {};
    const door = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const server = await rawServer({
      engine: { maxConnections: 2 },
      wire: { accept: () => door.then(() => ({ data: { name: '' } })) },
    });
    const crowd = Promise.allSettled(Array.from({ length: 5 }, () => server.client()));
    await eventually(() => server.mount.stats().refused[503] === 3);
    letIn();
    expect((await crowd).filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });
});

describe('the connections of one address', () => {
  it('are limited: one more gets 429, another address does not notice', async () => {
    const server = await rawServer({ engine: { maxConnectionsPerIp: 2, trustProxy: 1 } });
    const first = await from(server, '192.0.2.1');
    await from(server, '192.0.2.1');
    const refusal = await refused(from(server, '192.0.2.1'));
    expect(refusal.status).toBe(429);
    expect(refusal.headers['retry-after']).toBe('60');
    await from(server, '192.0.2.2');
    expect(server.mount.stats()).toMatchObject({ sessions: 3, refused: { 429: 1 } });
    await first.close();
    await eventually(() => server.mount.sessions.size === 2);
    await from(server, '192.0.2.1');
  });

  it('are counted together over the 64 bits of an IPv6 network', async () => {
    const server = await rawServer({ engine: { maxConnectionsPerIp: 2, trustProxy: 1 } });
    await from(server, '2001:db8:1:2::1');
    await from(server, '2001:db8:1:2:ffff:ffff:ffff:ffff');
    expect((await refused(from(server, '2001:db8:1:2::3'))).status).toBe(429);
    await from(server, '2001:db8:1:3::1');
  });

  it('are limited per minute: the limit gets in, one more gets 429 until the minute is over', async () => {
    const clock = new ManualClock();
    const server = await rawServer({ engine: { clock, maxConnectsPerIpPerMinute: 3, trustProxy: 1 } });
    for (let attempt = 0; attempt < 3; attempt++) await (await from(server, '192.0.2.1')).close();
    const refusal = await refused(from(server, '192.0.2.1'));
    expect(refusal.status).toBe(429);
    expect(refusal.headers['retry-after']).toBe('60');
    expect(server.mount.stats().refused).toEqual({ 429: 1 });
    await from(server, '192.0.2.2');
    await clock.advance(59_000);
    expect((await refused(from(server, '192.0.2.1'))).status).toBe(429);
    await clock.advance(61_000);
    await from(server, '192.0.2.1');
  });

  it('that is forgotten after a while keeps its open connections counted', async () => {
    const clock = new ManualClock();
    const server = await rawServer({ engine: { clock, maxConnectionsPerIp: 1, trustProxy: 1 } });
    const lasting = await from(server, '192.0.2.1');
    await clock.advance(10 * 60_000);
    expect((await refused(from(server, '192.0.2.1'))).status).toBe(429);
    await lasting.close();
    await eventually(() => server.engine.stats().sessions === 0);
    await clock.advance(10 * 60_000);
    await from(server, '192.0.2.1');
  });
});

describe('the connections of one identity', () => {
  it('are limited: one more gets 429, another identity and the nameless do not notice', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 2 });
    const first = await server.client('id=ada');
    await server.client('id=ada');
    const refusal = await refused(server.client('id=ada'));
    expect(refusal.status).toBe(429);
    expect(server.mount.stats()).toMatchObject({ sessions: 2, refused: { 429: 1 } });
    expect(server.engine.stats().sessions).toBe(2);
    await server.client('id=bob');
    for (let nameless = 0; nameless < 3; nameless++) await server.client();
    await first.close();
    await eventually(() => server.mount.sessionsOf('ada')?.size === 1);
    await server.client('id=ada');
    expect(server.mount.sessionsOf('ada')?.size).toBe(2);
  });

  it('close the oldest where the mount says so', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 2, whenTooMany: 'close-oldest' });
    const [first, second, third] = [
      await server.client('id=ada&name=1'),
      await server.client('id=ada&name=2'),
      await server.client('id=ada&name=3'),
    ];
    expect(await first.waitForClose()).toEqual({ code: 1008, reason: 'too many connections' });
    await eventually(() => server.mount.stats().closed[1008] === 1);
    const fourth = await server.client('id=ada&name=4');
    expect((await second.waitForClose()).code).toBe(1008);
    for (const client of [third, fourth]) {
      expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    }
    expect(server.mount.sessionsOf('ada')?.size).toBe(2);
    expect(server.mount.stats().refused).toEqual({});
  });

  it('are forgotten with the last of them', async () => {
    const server = await rawServer();
    const client = await server.client('id=ada');
    expect(server.mount.sessionsOf('ada')?.size).toBe(1);
    await client.close();
    await eventually(() => server.mount.sessionsOf('ada') === undefined);
  });
});
