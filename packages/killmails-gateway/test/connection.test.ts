import { createEngine, MemoryBroker, silentLogger } from '@roomcast/engine';
import { eventually, ManualClock, UpgradeRefused } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { killmailsGateway } from '../src/index.js';
import { jita, kill, publish, startGateway, stopAll, token, topic } from './support/server.js';

afterEach(stopAll);

async function refusal(promise: Promise<unknown>): Promise<UpgradeRefused> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpgradeRefused)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

describe('tokens', () => {
  it.each(['', 'token=', 'token=short', 'token=an-unknown-token', 'token[]=a-good-token'])(
    'refuses "%s" with 403 and an empty body',
    async (query) => {
      const server = await startGateway();
      expect(await refusal(server.raw(`${query}&vsn=2.0.0`))).toMatchObject({ status: 403, body: '' });
    },
  );

  it('takes the token that Phoenix 1.8 clients send as a subprotocol', async () => {
    const server = await startGateway();
    const socket = server.client({});
    const { Socket } = await import('phoenix');
    const { WebSocket } = await import('ws');
    socket.disconnect();
    const withToken = new Socket(`${server.ws}/socket`, { authToken: token, transport: WebSocket });
    await new Promise<void>((resolve) => {
      withToken.onOpen(() => resolve());
      withToken.connect();
    });
    withToken.disconnect();
  });

  it('knows them from a function, which may take its time', async () => {
    const server = await startGateway({
      tokens: async (given) => (given === 'from-a-database' ? 'somebody' : undefined),
    });
    const client = await server.raw('token=from-a-database');
    expect([...server.gateway.mount.sessions].map((session) => session.identity?.id)).toEqual(['somebody']);
    await client.close();
    expect((await refusal(server.raw('token=something-else'))).status).toBe(403);
  });

  it('lets connections in without one only where that is switched on, and never with a wrong one', async () => {
    const server = await startGateway({ anonymous: true });
    const client = await server.raw('vsn=2.0.0');
    client.send(['1', '1', topic, 'phx_join', {}]);
    await client.next();
    client.send(['1', '2', topic, 'get_status', {}]);
    expect(await client.nextJson()).toMatchObject({ 4: { response: { user_id: 'anonymous' } } });
    expect((await refusal(server.raw('token=an-unknown-token'))).status).toBe(403);
  });

  it('are refused at start when they are short', () => {
    const engine = createEngine({ logger: silentLogger });
    expect(() => killmailsGateway(engine, { tokens: ['short'] })).toThrow(/at least 8 characters/);
  });

  it('that are wrong get 429 after 60 refusals in a minute, and 403 again later; a good one still works', async () => {
    const clock = new ManualClock();
    const server = await startGateway({}, { clock });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 61; attempt++) {
      statuses.push((await refusal(server.raw('token=an-unknown-token'))).status);
    }
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(403));
    expect(statuses[60]).toBe(429);
    await (await server.raw()).close();
    await clock.advance(120_000);
    expect((await refusal(server.raw('token=an-unknown-token'))).status).toBe(403);
  });
});

describe('wrong tokens on several instances', () => {
  it('count together', async () => {
    const broker = new MemoryBroker();
    const one = await startGateway({}, { bus: broker.connect() });
    const other = await startGateway({}, { bus: broker.connect() });
    const attempt = async (server: typeof one) => (await refusal(server.raw('token=an-unknown-token'))).status;
    for (let attempts = 0; attempts < 59; attempts++) expect(await attempt(one)).toBe(403);
    // What one counts the other is told a moment later: long before it has counted as many itself.
    let attempts = 0;
    await eventually(async () => {
      attempts++;
      return (await attempt(other)) === 429;
    }, 'the other instance to refuse');
    expect(attempts).toBeLessThan(50);
  });
});

describe('connections', () => {
  it('that send nothing for 45 s are closed with 1001; frames of the server do not count', async () => {
    const clock = new ManualClock();
    const server = await startGateway({}, { clock });
    const client = await server.raw();
    client.send(['1', '1', topic, 'phx_join', { systems: [jita] }]);
    await client.next();
    await clock.advance(40_000);
    publish(server.gateway, kill());
    await client.next();
    await client.next();
    await clock.advance(6_000);
    expect((await client.waitForClose()).code).toBe(1001);
  });

  it('that send heartbeats stay', async () => {
    const clock = new ManualClock();
    const server = await startGateway({}, { clock });
    const client = await server.raw();
    for (let beat = 0; beat < 4; beat++) {
      await clock.advance(30_000);
      client.send([null, String(beat), 'phoenix', 'heartbeat', {}]);
      expect(await client.nextJson()).toEqual([
        null,
        String(beat),
        'phoenix',
        'phx_reply',
        { response: {}, status: 'ok' },
      ]);
    }
    await client.close();
  });

  it('may send object frames on vsn 2.0.0, as the document shows, and get such answers', async () => {
    const server = await startGateway();
    const client = await server.raw(`token=${token}&vsn=2.0.0`);
    client.send({ topic, event: 'phx_join', payload: {}, ref: 1 });
    expect(await client.nextJson()).toMatchObject({ topic, event: 'phx_reply', ref: 1, payload: { status: 'ok' } });
    client.send({ topic, event: 'subscribe_systems', payload: { systems: [jita] }, ref: 2 });
    await client.next();
    publish(server.gateway, kill({ id: 1 }));
    expect(await client.nextJson()).toMatchObject({ topic, event: 'killmail_update', ref: null });
    await client.next();
    client.send([null, '3', topic, 'get_status', {}]);
    expect(await client.nextJson()).toMatchObject({ 1: '3', 3: 'phx_reply' });
    publish(server.gateway, kill({ id: 2 }));
    expect(await client.nextJson()).toMatchObject([null, null, topic, 'killmail_update', { system_id: jita }]);
  });
});

describe('a restart', () => {
  it('keeps the counts, and counts no kill twice', async () => {
    const first = await startGateway();
    publish(first.gateway, kill({ id: 900 }));
    publish(first.gateway, kill({ id: 901 }));
    const saved = JSON.parse(JSON.stringify(first.gateway.save()));
    const second = await startGateway({ saved });
    publish(second.gateway, kill({ id: 901 }));
    publish(second.gateway, kill({ id: 902 }));
    expect(second.gateway.kills.counts.total(jita, Date.now())).toBe(3);
  });
});

describe('two instances', () => {
  it('deliver, count and remember the same kills', async () => {
    const broker = new MemoryBroker();
    const one = await startGateway({}, { bus: broker.connect() });
    const other = await startGateway({}, { bus: broker.connect() });
    const client = await other.raw();
    client.send(['1', '1', topic, 'phx_join', { systems: [jita] }]);
    await client.next();
    publish(one.gateway, kill({ id: 31 }));
    expect(await client.nextJson()).toMatchObject({ 3: 'killmail_update', 4: { killmails: [{ killmail_id: 31 }] } });
    // The same kill, published on the other instance too, is no second one.
    publish(other.gateway, kill({ id: 31 }));
    publish(other.gateway, kill({ id: 32 }));
    await eventually(() => one.gateway.kills.received === 2, 'the other kill');
    expect(one.gateway.kills.counts.total(jita, Date.now())).toBe(2);
    expect(other.gateway.kills.counts.total(jita, Date.now())).toBe(2);
    expect(
      one.gateway.kills.history.byId(32)?.json.equals(other.gateway.kills.history.byId(32)?.json ?? Buffer.alloc(0)),
    ).toBe(true);
  });
});
