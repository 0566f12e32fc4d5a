import { CredentialsError, createEngine, silentLogger } from '@roomcast/engine';
import { eventually, ManualClock, RecordingLogger, type TestClient, UpgradeRefused } from '@roomcast/testing';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { vmaxGateway } from '../src/index.js';
import { eventOf } from './support/events.js';
import { ask, publish, secret, startGateway, stopAll, tokenOf, told, toldSoFar } from './support/server.js';

afterEach(stopAll);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The one message and the close of a connection that is turned away. */
async function farewellOf(client: TestClient) {
  const message = await told(client);
  const close = await client.waitForClose();
  expect(client.received).toEqual([]);
  return { message, close };
}

async function refusalOf(promise: Promise<unknown>): Promise<UpgradeRefused> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpgradeRefused)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

const turnedAway = {
  message: {
    type: 'ERROR',
    payload: { message: 'Invalid or expired token' },
    timestamp: expect.stringMatching(iso),
  },
  close: { code: 4002, reason: 'Invalid token' },
};

describe('a connection without a token', () => {
  it.each(['', '?', '?token=', '?other=x', '?TOKEN=x'])('is opened, told and closed with 4001: "%s"', async (query) => {
    const server = await startGateway();
    expect(await farewellOf(await server.open(query))).toEqual({
      message: {
        type: 'ERROR',
        payload: { message: 'Authentication required' },
        timestamp: expect.stringMatching(iso),
      },
      close: { code: 4001, reason: 'Authentication required' },
    });
  });
});

describe('a connection with a bad token', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const bad: Record<string, () => string | Promise<string>> = {
    'that is no JWT': () => 'x',
    'with too few parts': () => 'eyJhbGciOiJIUzI1NiJ9.e30',
    'that is very long': () => 'x'.repeat(8000),
    'signed with another key': () => tokenOf({}, { signedWith: `another ${secret}` }),
    'without a signature': () => new UnsecuredJWT({ userId: 'u', role: 'ADMIN', exp: now() + 900 }).encode(),
    'signed with another algorithm': () =>
      new SignJWT({ userId: 'u', role: 'ADMIN' })
        .setProtectedHeader({ alg: 'HS512' })
        .sign(new TextEncoder().encode(secret.repeat(2))),
    'that was changed': async () => {
      const [header, , signature] = (await tokenOf({ role: 'FLEET_USER' })).split('.');
      const claims = Buffer.from(JSON.stringify({ userId: 'u', role: 'ADMIN' })).toString('base64url');
      return `${header}.${claims}.${signature}`;
    },
    'that has expired': () => tokenOf({}, { expiresInSeconds: -1 }),
    'that is not valid yet': () => tokenOf({ nbf: now() + 60 }),
    'without a user': () => tokenOf({ userId: undefined }),
    'with an empty user': () => tokenOf({ userId: '' }),
    'that is a refresh token': () => tokenOf({ token_type: 'refresh' }),
  };

  it.each(Object.entries(bad))('%s is opened, told and closed with 4002', async (_name, make) => {
    const server = await startGateway();
    expect(await farewellOf(await server.open(`?token=${await make()}`))).toEqual(turnedAway);
  });

  it('is told nothing else, whatever it sends meanwhile', async () => {
    const server = await startGateway({
      verify: () => new Promise((resolve) => setImmediate(() => resolve(undefined))),
    });
    const client = await server.open('?token=x');
    client.send({ type: 'SUBSCRIBE', payload: { channel: 'fleet', fleetId: 'fleet-1' } });
    client.send({ type: 'PING' });
    expect(await farewellOf(client)).toEqual(turnedAway);
  });

  it('is one for which the application throws, which is logged', async () => {
    const logger = new RecordingLogger();
    const verify = () => {
      throw new Error('malformed');
    };
    const server = await startGateway({ verify }, { logger });
    expect(await farewellOf(await server.open('?token=x'))).toEqual(turnedAway);
    expect(logger.lines).toMatchObject([{ level: 'warn', message: 'verifying a token failed' }]);
  });

  it('is not one where nothing can be found out about the token: its holder shall come back with it', async () => {
    const verify = async () => {
      throw new CredentialsError('unavailable', 'the key set could not be fetched');
    };
    const server = await startGateway({ verify });
    const client = await server.open('?token=x');
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
  });
});

describe('a connection with a good token', () => {
  it.each(['FLEET_MGR', 'SUB_FLEET_MGR', 'FLEET_USER'])('of %s is subscribed to its fleet', async (role) => {
    const server = await startGateway();
    const token = await tokenOf({ role, fleetId: 'fleet-1', userId: 'user-7' });
    const client = await server.open(`?token=${token}`);
    expect(await told(client)).toEqual({
      type: 'CONNECTED',
      payload: { clientId: expect.stringMatching(uuid), userId: 'user-7', role, subscriptions: ['fleet:fleet-1'] },
      timestamp: expect.stringMatching(iso),
    });
    publish(server.gateway, eventOf.fleetUpdated('fleet-1'));
    expect(await told(client)).toMatchObject({ type: 'FLEET_UPDATED' });
  });

  it.each([
    ['ADMIN', 'fleet-1'],
    ['SUB_ADMIN', 'fleet-1'],
    ['REG_OWNER', 'fleet-1'],
    ['ONBOARDING', 'fleet-1'],
    ['UNIT_TESTER', 'fleet-1'],
    ['SOMEBODY_NEW', 'fleet-1'],
    ['FLEET_MGR', null],
    ['FLEET_MGR', 7],
    ['FLEET_USER', undefined],
  ])('of %s with the fleet %s is subscribed to nothing', async (role, fleetId) => {
    const server = await startGateway();
    const client = await server.open(`?token=${await tokenOf({ role, fleetId })}`);
    expect(await told(client)).toMatchObject({ type: 'CONNECTED', payload: { role, subscriptions: [] } });
    expect([...server.gateway.mount.rooms.entries()]).toEqual([]);
  });

  it('needs no token_type, role or expiry', async () => {
    const server = await startGateway();
    const token = await tokenOf({ token_type: undefined, role: undefined, exp: undefined });
    const client = await server.open(`?token=${token}&x=1`);
    expect(await told(client)).toMatchObject({ type: 'CONNECTED', payload: { role: 'UNKNOWN', subscriptions: [] } });
  });

  it('may be verified by anything', async () => {
    const server = await startGateway({
      verify: (token) => (token === 'opaque' ? { userId: 'u', role: 'ADMIN' } : undefined),
    });
    expect(await told(await server.open('?token=opaque'))).toMatchObject({
      type: 'CONNECTED',
      payload: { userId: 'u' },
    });
  });

  it('has its first messages answered after CONNECTED, however long the token takes', async () => {
    const server = await startGateway({
      verify: () => new Promise((resolve) => setTimeout(() => resolve({ userId: 'u', role: 'ADMIN' }), 20)),
    });
    const client = await server.open('?token=x');
    client.send({ type: 'PING' });
    expect(await told(client)).toMatchObject({ type: 'CONNECTED' });
    expect(await told(client)).toEqual({ type: 'PONG', timestamp: expect.stringMatching(iso) });
  });

  it('is told so first, also when events of its fleet come at that very moment', async () => {
    const verify = async () => {
      void (async () => {
        for (let step = 0; step < 100; step++) {
          publish(server.gateway, eventOf.fleetUpdated('fleet-1', { step }));
          await null;
        }
      })();
      return { userId: 'u', role: 'FLEET_MGR', fleetId: 'fleet-1' };
    };
    const server = await startGateway({ verify });
    const client = await server.open('?token=x');
    expect(await told(client)).toMatchObject({ type: 'CONNECTED' });
    const steps = (await toldSoFar(client)).map(({ payload = {} }) => (payload.changes as { step: number }).step);
    expect(steps.length).toBeGreaterThan(50);
    expect(steps).toEqual(Array.from(steps, (_, index) => 100 - steps.length + index));
  });

  it('that goes away while its token is verified leaves nothing behind', async () => {
    let finish = () => {};
    const server = await startGateway({
      verify: () =>
        new Promise((resolve) => {
          finish = () => resolve({ userId: 'u', role: 'FLEET_MGR', fleetId: 'fleet-1' });
        }),
    });
    const client = await server.open('?token=x');
    await client.close();
    await eventually(() => server.gateway.mount.sessions.size === 0);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.gateway.mount.sessionsOf('u')).toBeUndefined();
    expect(server.gateway.mount.stats()).toMatchObject({ sessions: 0, rooms: 0, failures: 0 });
  });

  it('removes its subscriptions when it ends', async () => {
    const server = await startGateway();
    const client = await server.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    expect(server.gateway.mount.rooms.size).toBe(1);
    await client.close();
    await eventually(() => server.gateway.mount.rooms.size === 0);
  });
});

describe('a token that expires while connected', () => {
  it('ends the connection with an error and 4002, which tells the client to refresh it', async () => {
    const clock = new ManualClock(Date.now());
    const server = await startGateway({}, { clock });
    const client = await server.open(`?token=${await tokenOf({ role: 'FLEET_MGR', fleetId: 'fleet-1' })}`);
    await told(client);
    await clock.advance(890_000);
    expect((await ask(client, 'PING')).type).toBe('PONG');
    publish(server.gateway, eventOf.fleetUpdated('fleet-1'));
    await clock.advance(12_000);
    expect((await told(client)).type).toBe('FLEET_UPDATED');
    expect(await farewellOf(client)).toEqual(turnedAway);
    expect(server.gateway.mount.stats().closed).toEqual({ 4002: 1 });
  });

  it('has no effect on others', async () => {
    const clock = new ManualClock(Date.now());
    const server = await startGateway({ pingIntervalMs: 0 }, { clock });
    const client = await server.open(`?token=${await tokenOf({ exp: undefined })}`);
    await told(client);
    await clock.advance(2 * 3_600_000);
    expect((await ask(client, 'PING')).type).toBe('PONG');
  });
});

describe('an upgrade', () => {
  it('from a foreign page is refused with 403, whatever its token', async () => {
    const server = await startGateway();
    const token = await tokenOf({});
    const foreign = { headers: { Origin: 'https://elsewhere.example' } };
    expect((await refusalOf(server.open(`?token=${token}`, foreign))).status).toBe(403);
    expect((await refusalOf(server.open('', foreign))).status).toBe(403);
    const own = { headers: { Origin: server.http } };
    expect(await told(await server.open(`?token=${token}`, own))).toMatchObject({ type: 'CONNECTED' });
  });

  it.each([
    [{ maxConnections: 2 }, 503],
    [{ maxConnectionsPerIp: 2 }, 429],
    [{ maxConnectsPerIpPerMinute: 2 }, 429],
  ])('over %j is refused with %i', async (limit, status) => {
    const server = await startGateway({}, limit);
    await server.member({});
    await server.member({});
    expect((await refusalOf(server.open(`?token=${await tokenOf({})}`))).status).toBe(status);
  });

  it('to another path is not ours', async () => {
    const server = await startGateway({ path: '/fleets' });
    expect((await refusalOf(server.open(`?token=${await tokenOf({})}`))).status).toBe(404);
  });
});

describe('a user', () => {
  it('may have so many connections and no more', async () => {
    const server = await startGateway({ maxConnectionsPerIdentity: 2 });
    const first = await server.member({ userId: 'u' });
    await server.member({ userId: 'u' });
    const third = await server.open(`?token=${await tokenOf({ userId: 'u' })}`);
    expect(await third.waitForClose()).toEqual({ code: 1008, reason: 'too many connections' });
    await server.member({ userId: 'v' });
    await first.close();
    await server.member({ userId: 'u' });
  });
});

describe('a connection that is silent', () => {
  it('is sent WebSocket pings every 30 s, and stays as long as it answers them', async () => {
    const clock = new ManualClock(Date.now());
    const server = await startGateway({}, { clock });
    const client = await server.member({});
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let round = 1; round <= 3; round++) {
      await clock.advance(31_000);
      await eventually(() => pings === round);
      await toldSoFar(client);
    }
  });

  it('is closed when a ping is not answered until the next', async () => {
    const clock = new ManualClock(Date.now());
    const server = await startGateway({}, { clock });
    const client = await server.open(`?token=${await tokenOf({})}`, { autoPong: false });
    await told(client);
    await clock.advance(62_000);
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: 'no pong' });
  });
});

it('no token gets into a log', async () => {
  const logger = new RecordingLogger();
  const clock = new ManualClock(Date.now());
  const server = await startGateway({ maxMessages: 1 }, { logger, clock });
  const token = await tokenOf({});
  const client = await server.open(`?token=${token}`);
  client.send('x');
  client.send('x');
  await client.waitForClose();
  const expired = await tokenOf({}, { expiresInSeconds: -1 });
  await (await server.open(`?token=${expired}`)).waitForClose();
  expect(logger.lines.length).toBeGreaterThan(0);
  for (const secretText of [token, expired]) expect(logger.text).not.toContain(secretText.split('.')[2]);
});

it('options that make no sense are refused by name', () => {
  const engine = createEngine({ logger: silentLogger });
  expect(() => vmaxGateway(engine, { verify: () => ({}), maxRooms: 0 })).toThrow(/^maxRooms: expected /);
});
