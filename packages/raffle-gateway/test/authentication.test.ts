import { CredentialsError } from '@roomcast/engine/identity';
import { ManualClock } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { authenticate, clockOfNow, event, events, settle, startGateway, stopAll, until } from './support/server.js';
import { secret, type TokenClaims, token } from './support/tokens.js';

afterEach(stopAll);

const invalid = { code: 4401, reason: 'Invalid token' };
const hourMs = 3_600_000;

async function refused(sent: unknown) {
  const server = await startGateway();
  const client = await server.client();
  client.send({ message_type: 'auth', data: sent });
  expect(await client.waitForClose()).toEqual(invalid);
  return server;
}

describe('a good token', () => {
  it('authenticates the connection, and nothing is sent back', async () => {
    const server = await startGateway();
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) } });
    expect(await settle(client)).toEqual([]);
    expect([...server.gateway.mount.sessions].map(({ identity }) => identity?.id)).toEqual(['u-1']);
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });

  it('may come in an envelope with a timestamp', async () => {
    const server = await startGateway();
    const client = await server.client();
    const timestamp = '2024-01-15T10:30:00Z';
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) }, timestamp });
    expect(await settle(client)).toEqual([]);
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });

  it.each(['User', 'Seller', 'Admin', 'Operator'])('may be that of a %s', async (role) => {
    const server = await startGateway();
    await server.signedIn({ sub: 'u-1', role });
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });

  it('needs no claims but those that are used', async () => {
    const server = await startGateway();
    await server.signedIn({ sub: 'u-1', email: undefined, jti: undefined, iat: undefined });
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });

  it('is good for 30 s past its time', async () => {
    const server = await startGateway();
    await server.signedIn({ sub: 'u-1', exp: Math.floor(Date.now() / 1000) - 25 });
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });
});

describe('a connection is closed with 4401 Invalid token', () => {
  it.each([
    ['a text that is no token', { token: 'nonsense' }],
    ['an empty text', { token: '' }],
    ['null, which is what localStorage has where nothing was stored', { token: null }],
    ['a number', { token: 5 }],
    ['nothing', {}],
    ['no data', undefined],
    ['data that is a list', []],
  ])('for %s', async (_, data) => {
    await refused(data);
  });

  it('for the token of another key', async () => {
    await refused({ token: await token({ sub: 'u-1' }, Date.now(), 'another secret of thirty-two bytes!!') });
  });

  it('for a token that is not signed', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'u-1', username: 'u', role: 'Admin', token_type: 'access', exp: 4e9 };
    await refused({ token: `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.` });
  });

  it('for the token of the document, which is cut short', async () => {
    await refused({ token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...' });
  });

  it.each<[string, Partial<TokenClaims>]>([
    ['is a refresh token', { token_type: 'refresh' }],
    ['is of no known kind', { token_type: 'id' }],
    ['does not say of what kind it is', { token_type: undefined }],
    ['names nobody', { sub: '' }],
    ['has no user name', { username: undefined }],
    ['has no role', { role: undefined }],
    ['has an unknown role', { role: 'Root' }],
    ['never expires', { exp: undefined }],
    ['has expired', { exp: Math.floor(Date.now() / 1000) - 40 }],
    ['expired in another century', { exp: -1 }],
  ])('for one that %s', async (_, claims) => {
    await refused({ token: await token({ sub: 'u-1', ...claims }) });
  });

  it('for one that the clock of the engine says has expired', async () => {
    const clock = new ManualClock(Date.now() + 2 * hourMs);
    const server = await startGateway({}, { clock });
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-1' }) } });
    expect(await client.waitForClose()).toEqual(invalid);
  });

  it('with a line in the log that tells why, and no token in it', async () => {
    const bad = await token({ sub: 'u-1', token_type: 'refresh' });
    const { logger } = await refused({ token: bad });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'authentication was refused',
        fields: expect.objectContaining({ cause: 'the claims are not those of an access token' }),
      }),
    );
    expect(logger.text).not.toContain(bad);
    expect(logger.text).not.toContain(secret);
  });
});

describe('expiry', () => {
  const limits = { pingIntervalMs: 0, idleTimeoutMs: 0 };

  it('closes with 4401 Token expired, 30 s after the token’s time', async () => {
    const server = await startGateway(limits);
    const client = await server.signedIn({ sub: 'u-1' });
    await server.clock.advance(hourMs + 29_000);
    expect(await settle(client)).toEqual([]);
    await server.clock.advance(1_000);
    expect(await client.waitForClose()).toEqual({ code: 4401, reason: 'Token expired' });
  });

  it('is put off by another token of the same user', async () => {
    const server = await startGateway(limits);
    const client = await server.signedIn({ sub: 'u-1' });
    await server.clock.advance(hourMs);
    await authenticate(client, await token({ sub: 'u-1' }, server.clock.now()));
    await server.clock.advance(hourMs + 29_000);
    expect(await settle(client)).toEqual([]);
    await server.clock.advance(1_000);
    expect((await client.waitForClose()).reason).toBe('Token expired');
  });

  it('may be brought forward by one too', async () => {
    const server = await startGateway(limits);
    const client = await server.signedIn({ sub: 'u-1' });
    await authenticate(client, await token({ sub: 'u-1', exp: Math.floor(server.clock.now() / 1000) + 10 }));
    await server.clock.advance(40_000);
    expect((await client.waitForClose()).reason).toBe('Token expired');
  });

  it('never comes for a connection that is not authenticated: there is no deadline', async () => {
    const server = await startGateway(limits);
    const client = await server.subscribed([{ event_type: 'system_alert' }]);
    await server.clock.advance(24 * hourMs);
    server.publish(event('system_alert'));
    expect(await events(client)).toEqual(['system_alert']);
  });
});

describe('authenticating again', () => {
  it('with the token of another user closes with 4401 Invalid token', async () => {
    const server = await startGateway();
    const client = await server.signedIn({ sub: 'u-1' });
    client.send({ message_type: 'auth', data: { token: await token({ sub: 'u-2' }) } });
    expect(await client.waitForClose()).toEqual(invalid);
  });

  it('with a bad token closes with 4401 Invalid token', async () => {
    const server = await startGateway();
    const client = await server.signedIn({ sub: 'u-1' });
    client.send({ message_type: 'auth', data: { token: 'nonsense' } });
    expect(await client.waitForClose()).toEqual(invalid);
  });

  it('takes the role of the new token', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'credits_issued' }], { sub: 'boss', role: 'Admin' });
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual(['credits_issued']);
    await authenticate(client, await token({ sub: 'boss', role: 'User' }));
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual([]);
    await authenticate(client, await token({ sub: 'boss', role: 'Operator' }));
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual(['credits_issued']);
    expect(server.gateway.stats().authenticated_connections).toBe(1);
  });
});

describe('messages of one connection', () => {
  it('wait for its authentication: what follows auth is handled after it', async () => {
    let answer = (_claims: object) => {};
    const verify = () => new Promise<object>((resolve) => (answer = resolve));
    const server = await startGateway({ verifier: { verify } });
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: 'slow' } });
    client.send({ message_type: 'subscribe', data: { subscriptions: [{ event_type: 'credits_issued' }] } });
    client.send({ message_type: 'ping', data: {} });
    await until(() => expect(server.gateway.mount.counters.received).toBe(3));
    expect(client.received).toEqual([]);
    answer({ sub: 'buyer', username: 'b', role: 'User', token_type: 'access', exp: 4e9 });
    expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual(['credits_issued']);
  });

  it('that goes away while its token is checked leave nothing behind', async () => {
    let answer = (_claims: object) => {};
    const verify = () => new Promise<object>((resolve) => (answer = resolve));
    const server = await startGateway({ verifier: { verify } });
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: 'slow' } });
    await until(() => expect(server.gateway.mount.counters.received).toBe(1));
    await client.close();
    await until(() => expect(server.gateway.mount.sessions.size).toBe(0));
    answer({ sub: 'u-1', username: 'u', role: 'Admin', token_type: 'access', exp: 4e9 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.gateway.stats()).toMatchObject({ total_connections: 0, authenticated_connections: 0 });
    expect(server.gateway.mount.sessionsOf('u-1')).toBeUndefined();
  });
});

describe('when tokens can’t be checked', () => {
  it('because the keys can’t be fetched, the connection is closed with 1013: the token may be good', async () => {
    const verify = async () => {
      throw new CredentialsError('unavailable', 'the key set could not be fetched');
    };
    const server = await startGateway({ verifier: { verify } }, { clock: clockOfNow() });
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: 'good' } });
    expect(await client.waitForClose()).toEqual({ code: 1013, reason: 'Authentication unavailable' });
  });

  it('because the verifier fails, it is closed with 1011 and the error is in the log', async () => {
    const verify = async () => {
      throw new Error('out of order');
    };
    const server = await startGateway({ verifier: { verify } });
    const client = await server.client();
    client.send({ message_type: 'auth', data: { token: 'good' } });
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'Internal error' });
    expect(server.logger.text).toContain('out of order');
  });
});
