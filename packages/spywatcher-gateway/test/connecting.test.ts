import { CredentialsError } from '@roomcast/engine/identity';
import { eventually, next, openClient } from '@roomcast/testing';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { describe, expect, it } from 'vitest';
import { spywatcherGateway } from '../src/index.js';
import { start, startCluster, type TokenClaims, tokenOf } from './support/server.js';

const transports = [['websocket'], ['polling'], ['polling', 'websocket']];

describe('a token', () => {
  it.each(transports.map((list) => [list]))('that is good connects, over %j', async (given) => {
    const { user, gateway } = await start();
    const socket = await user({}, { transports: given });
    expect(socket.connected).toBe(true);
    expect([...gateway.mount.sessions].map(({ identity }) => identity)).toEqual([{ id: '100' }]);
    const [server] = gateway.io.sockets.sockets.values();
    expect(server?.data).toEqual({ user: { discordId: '100', role: 'USER', guilds: ['1', '2'] } });
  });

  it.each([
    ['no auth', undefined],
    ['no token', {}],
    ['an empty one', { token: '' }],
    ['null', { token: null }],
  ])('is required: %s', async (_name, auth) => {
    const { client, gateway } = await start();
    for (const given of transports) {
      const error = await next<Error>(client({ transports: given, ...(auth && { auth }) }), 'connect_error');
      expect(error.message).toBe('Authentication required');
    }
    await eventually(() => gateway.mount.sessions.size === 0, 'the connections end');
  });

  const wrong: [string, TokenClaims][] = [
    ['without discordId', { discordId: '' }],
    ['without access', { access: false }],
    ['without role', { role: undefined }],
    ['of a banned user', { role: 'BANNED' }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 10 }],
  ];
  it.each(wrong)('%s is invalid', async (_name, claims) => {
    const { client } = await start();
    const error = await next<Error>(client({ auth: { token: await tokenOf(claims) } }), 'connect_error');
    expect(error.message).toBe('Invalid token');
  });

  it.each([['x.y.z'], ['garbage'], [5], [{}], [['a']], [true]])('that is none is invalid: %j', async (token) => {
    const { client } = await start();
    const error = await next<Error>(client({ auth: { token } }), 'connect_error');
    expect(error.message).toBe('Invalid token');
  });

  it('of another key is invalid, and never in the log', async () => {
    const { client, logger } = await start();
    const [head, , signature] = (await tokenOf()).split('.');
    const token = `${head}.${Buffer.from('{"discordId":"1","access":1,"role":"ADMIN"}').toString('base64url')}.${signature}`;
    expect((await next<Error>(client({ auth: { token } }), 'connect_error')).message).toBe('Invalid token');
    expect(logger.text).not.toContain(token);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that can not be verified is invalid for the client, and told the operator', async () => {
    for (const error of [
      new CredentialsError('unavailable', 'the key set could not be fetched'),
      new Error('broken'),
    ]) {
      const { client, logger } = await start({ verify: () => Promise.reject(error) });
      expect((await next<Error>(client({ auth: { token: 'x' } }), 'connect_error')).message).toBe('Invalid token');
      expect(logger.text).toContain('verifying a token failed');
    }
  });

  it('that expires later ends the connection then: an error, and a disconnect that stays one', async () => {
    const instance = await start();
    const { clock, user } = instance;
    const exp = Math.floor(clock.now() / 1000) + 60;
    const socket = await user({ exp });
    const stays = await user();
    const error = next(socket, 'error');
    const reason = next(socket, 'disconnect');
    await clock.advance(55_000);
    expect(socket.connected).toBe(true);
    await clock.advance(10_000);
    expect(await error).toEqual({ message: 'Token expired' });
    expect(await reason).toBe('io server disconnect');
    expect(stays.connected).toBe(true);
  });

  it('that has expired by the engine’s clock is invalid, whatever the verifier says', async () => {
    const { client, clock } = await start();
    const exp = Math.floor(clock.now() / 1000) + 60;
    await clock.advance(70_000);
    const error = await next<Error>(client({ auth: { token: await tokenOf({ exp }) } }), 'connect_error');
    expect(error.message).toBe('Invalid token');
  });
});

describe('connections', () => {
  it('of one user are limited, on all instances together', async () => {
    const [a, b] = (await startCluster(2, { maxConnectionsPerIdentity: 2 })) as [
      Awaited<ReturnType<typeof start>>,
      Awaited<ReturnType<typeof start>>,
    ];
    await a.user();
    await b.user();
    await eventually(async () => {
      const socket = a.client({ auth: { token: await tokenOf() } });
      const outcome = await Promise.race([
        next<void>(socket, 'connect').then(() => 'connected'),
        next<Error>(socket, 'connect_error').then(({ message }) => message),
      ]);
      socket.disconnect();
      return outcome === 'Too many connections';
    }, 'the refusal');
    await a.user({ discordId: '101' });
  });

  it('have the API’s heartbeat', async () => {
    const { ws } = await start();
    const client = await openClient(`${ws}/socket.io/?EIO=4&transport=websocket`);
    expect(JSON.parse(String(await client.next()).slice(1))).toMatchObject({
      pingInterval: 25_000,
      pingTimeout: 60_000,
    });
  });

  it('of pages come from the allowed origins alone', async () => {
    const { ws, http } = await start({ origins: ['https://app.example.com'] });
    const path = '/socket.io/?EIO=4&transport=';
    for (const [origin, status] of [
      ['https://app.example.com', 200],
      ['https://evil.example', 403],
    ] as const) {
      expect((await fetch(`${http}${path}polling`, { headers: { origin } })).status).toBe(status);
      const opening = openClient(`${ws}${path}websocket`, { origin });
      if (status === 200) await opening;
      else await expect(opening).rejects.toMatchObject({ status });
    }
  });
});

describe('attempts to connect', () => {
  const polling = '/socket.io/?EIO=4&transport=polling';

  it('are counted by address: one too many is blocked, the longer the more come, before any authentication', async () => {
    let verified = 0;
    const { http, ws, client, logger } = await start({
      maxConnectsPerIpPerMinute: 3,
      verify: () => {
        verified++;
        return undefined;
      },
    });
    for (let count = 0; count < 3; count++) {
      const token = `token-${count}`;
      expect((await next<Error>(client({ auth: { token } }), 'connect_error')).message).toBe('Invalid token');
    }
    expect(verified).toBe(3);
    const waits: number[] = [];
    for (let count = 0; count < 4; count++) {
      const answer = await fetch(`${http}${polling}`);
      expect(answer.status).toBe(429);
      waits.push(Number(answer.headers.get('retry-after')));
    }
    await expect(openClient(`${ws}${polling.replace('polling', 'websocket')}`)).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '74' },
    });
    expect(waits).toEqual([30, 38, 47, 59]);
    expect(verified).toBe(3);
    expect(logger.lines.filter(({ message }) => message.includes('too many attempts'))).toHaveLength(1);
  });

  it('are blocked for a quarter of an hour at most', async () => {
    const { http } = await start({ maxConnectsPerIpPerMinute: 1 });
    await fetch(`${http}${polling}`);
    let last = 0;
    for (let count = 0; count < 30; count++)
      last = Number((await fetch(`${http}${polling}`)).headers.get('retry-after'));
    expect(last).toBe(900);
  });

  it('of one client that upgrades, polls and comes back count once each', async () => {
    const { user } = await start({ maxConnectsPerIpPerMinute: 2 });
    for (let count = 0; count < 2; count++) {
      const socket = await user({}, { transports: ['polling', 'websocket'] });
      await eventually(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
      socket.disconnect();
    }
    await expect(user()).rejects.toThrow();
  });

  it('are counted in a store of one’s own, for several instances', async () => {
    const stores = new Map<string, RateLimiterMemory>();
    const limiter = (options: { keyPrefix: string; points: number; duration: number }) => {
      const store = stores.get(options.keyPrefix) ?? new RateLimiterMemory(options);
      stores.set(options.keyPrefix, store);
      return store;
    };
    const a = await start({ maxConnectsPerIpPerMinute: 1, limiter });
    const b = await start({ maxConnectsPerIpPerMinute: 1, limiter });
    expect((await fetch(`${a.http}${polling}`)).status).toBe(200);
    expect((await fetch(`${b.http}${polling}`)).status).toBe(429);
    expect([...stores.keys()]).toEqual(['roomcast-spywatcher-attempts', 'roomcast-spywatcher-excess']);
  });

  it('stay blocked when their minute is over', async () => {
    let attempts: RateLimiterMemory | undefined;
    const limiter = (options: { keyPrefix: string; points: number; duration: number }) => {
      const made = new RateLimiterMemory(options);
      attempts ??= made;
      return made;
    };
    const { http } = await start({ maxConnectsPerIpPerMinute: 1, limiter });
    for (let count = 0; count < 10; count++) await fetch(`${http}${polling}`);
    expect((await attempts?.get('127.0.0.1'))?.msBeforeNext).toBeGreaterThan(150_000);
  });

  it('are let through where only the first of two counts fails', async () => {
    const broken = new RateLimiterMemory({ points: 1, duration: 1 });
    broken.consume = () => Promise.reject(new Error('the store is gone'));
    const limiter = (options: { keyPrefix: string; points: number; duration: number }) =>
      options.keyPrefix.endsWith('attempts') ? broken : new RateLimiterMemory(options);
    const { http } = await start({ limiter });
    expect((await fetch(`${http}${polling}`)).status).toBe(200);
  });

  it('are let through, a second later, where the store neither answers nor fails', async () => {
    const silent = new RateLimiterMemory({ points: 1, duration: 1 });
    silent.consume = () => new Promise(() => {});
    const { http, logger, clock } = await start({ limiter: () => silent });
    const { pending } = clock;
    let status = 0;
    const asked = fetch(`${http}${polling}`).then((answer) => {
      status = answer.status;
    });
    await eventually(() => clock.pending === pending + 1, 'the question');
    await clock.advance(999);
    expect(status).toBe(0);
    await clock.advance(1);
    await asked;
    expect(status).toBe(200);
    expect(logger.text).toContain('the store has not answered in 1000 ms');
  });

  it('leave no timer behind', async () => {
    const { http, clock } = await start({ maxConnectsPerIpPerMinute: 1 });
    const { pending } = clock;
    for (let count = 0; count < 5; count++) await fetch(`${http}${polling}`);
    expect(clock.pending).toBe(pending);
  });

  it('are let through while the store does not answer, which the log says now and then', async () => {
    const broken = new RateLimiterMemory({ points: 1, duration: 1 });
    broken.consume = () => Promise.reject(new Error('the store is gone'));
    const { http, logger, clock } = await start({ limiter: () => broken });
    const complaints = () => logger.lines.filter(({ message }) => message.includes('can not be counted')).length;
    for (let count = 0; count < 3; count++) expect((await fetch(`${http}${polling}`)).status).toBe(200);
    expect(complaints()).toBe(1);
    await clock.advance(11_000);
    await fetch(`${http}${polling}`);
    expect(complaints()).toBe(2);
  });
});

describe('options', () => {
  it.each([
    ['throttleMs', 0],
    ['throttleMs', 2 ** 31],
    ['maxRooms', 1.5],
    ['maxConnectsPerIpPerMinute', 0],
    ['maxMessages', -1],
    ['maxMembersPerGuild', 0],
    ['maxMembers', Number.NaN],
    ['pingTimeoutMs', 0],
  ])('%s: %d is refused by name', async (option, value) => {
    const { engine } = await start();
    expect(() =>
      spywatcherGateway(engine, { verify: () => undefined, [option]: value, name: 'other', path: '/other' }),
    ).toThrow(expect.objectContaining({ option }));
  });
});
