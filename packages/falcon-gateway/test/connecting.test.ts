import { CredentialsError } from '@roomcast/engine';
import { UpgradeRefused } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { falconGatewayDefaults } from '../src/index.js';
import { brief, type Frame, start, stopAll, type TestClaims, tokenOf } from './support/server.js';

afterEach(stopAll);

const bearer = async (claims: TestClaims = {}) => ({ Authorization: `Bearer ${await tokenOf(claims)}` });
const cookie = async (claims: TestClaims = {}) => ({
  Cookie: `theme=dark; falcon_auth_token=${await tokenOf(claims)}`,
});
const refusal = (opening: Promise<unknown>) =>
  opening.then(
    () => 'let in',
    (error: unknown) => (error instanceof UpgradeRefused ? `${error.status} ${error.body}` : error),
  );

describe('a connection', () => {
  it.each([
    ['a Bearer token', () => bearer()],
    ['the cookie', () => cookie()],
    ['a quoted cookie', async () => ({ Cookie: `falcon_auth_token="${await tokenOf()}"` })],
    [
      'the cookie beside another kind of Authorization',
      async () => ({ ...(await cookie()), Authorization: 'Basic eA==' }),
    ],
  ])('is let in by %s', async (_, headers) => {
    const server = await start();
    const client = await server.open(await headers());
    expect(await client.nextJson()).toMatchObject({ type: 'system_notification', data: { user_id: 'ada' } });
  });

  it.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ['no token', () => ({})],
    ['an empty Bearer', () => ({ Authorization: 'Bearer ' })],
    ['an empty Bearer beside a good cookie', async () => ({ ...(await cookie()), Authorization: 'Bearer' })],
    ['a bad Bearer beside a good cookie', async () => ({ ...(await cookie()), Authorization: 'Bearer nonsense' })],
    [
      'a Bearer of several words beside one',
      async () => ({ ...(await cookie()), Authorization: 'Bearer not a token' }),
    ],
    ['a Bearer behind a tab beside one', async () => ({ ...(await cookie()), Authorization: 'Bearer\tnonsense' })],
    [
      'a token of another key',
      async () => ({ Authorization: `Bearer ${await tokenOf({}, 'another secret of thirty-two bytes!')}` }),
    ],
    ['a token of another issuer', () => bearer({ iss: 'somebody-else' })],
    ['a token without issuer', () => bearer({ iss: undefined as never })],
    ['an expired token', () => bearer({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['a token that never expires', () => bearer({ exp: undefined as never })],
    ['a token without user', () => bearer({ user_id: undefined as never })],
    ['a token of a user with a huge id', () => bearer({ user_id: 'x'.repeat(129) })],
    ['a bad cookie', () => ({ Cookie: 'falcon_auth_token=nonsense' })],
    ['a cookie with a longer name', async () => ({ Cookie: `my_falcon_auth_token=${await tokenOf()}` })],
  ])('is refused with 401 for %s', async (_, headers) => {
    const server = await start();
    expect(await refusal(server.open(await headers()))).toBe('401 Unauthorized');
    expect(server.logger.text).not.toContain('eyJ');
  });

  it('is put off where tokens can’t be verified now', async () => {
    const verify = () => Promise.reject(new CredentialsError('unavailable', 'no keys'));
    const server = await start({ verify });
    expect(await refusal(server.open(await bearer()))).toBe('503 Authentication unavailable');
  });

  it('is refused with one line in the log where the verifier itself fails', async () => {
    const server = await start({ verify: () => Promise.reject(new Error('broken')) });
    expect(await refusal(server.open(await bearer()))).toBe('401 Unauthorized');
    expect(server.logger.lines.map(({ message }) => message)).toContain('verifying a token failed');
  });
});

describe('a page', () => {
  const from = (origin: string) => ({ origin });

  it('of the same host and port may connect with its cookie', async () => {
    const server = await start();
    expect(await refusal(server.open(await cookie(), from(server.http)))).toBe('let in');
  });

  it('of another origin may not, whatever it brings', async () => {
    const server = await start();
    for (const origin of ['https://example.com', 'http://127.0.0.1:1', 'null']) {
      expect(await refusal(server.open(await cookie(), from(origin)))).toBe('403 Origin not allowed');
      expect(await refusal(server.open(await bearer(), from(origin)))).toBe('403 Origin not allowed');
    }
  });

  it('of a named origin may', async () => {
    const server = await start({ origins: ['https://example.com'] });
    expect(await refusal(server.open(await cookie(), from('https://example.com')))).toBe('let in');
    expect(await refusal(server.open(await cookie(), from('https://example.com.evil.org')))).toBe(
      '403 Origin not allowed',
    );
  });

  it('of any origin may where all are allowed, but not with a cookie that its browser sends along', async () => {
    const server = await start({ origins: '*' });
    expect(await refusal(server.open(await bearer(), from('https://example.com')))).toBe('let in');
    expect(await refusal(server.open(await cookie(), from('https://example.com')))).toBe('401 Unauthorized');
    expect(await refusal(server.open(await cookie(), from(server.http)))).toBe('let in');
    expect(await refusal(server.open(await cookie()))).toBe('let in');
  });
});

describe('the first frames', () => {
  it('tell who one is, and then each room assigned', async () => {
    const server = await start();
    const client = await server.open(await bearer({ user_id: 'u-1', groups: ['g-1', 'g-2'] }));
    client.send({ type: 'system', data: { action: 'ping' }, id: 'p' });
    const frames = [await client.nextJson<Frame>(), await client.nextJson<Frame>()];
    frames.push(await client.nextJson<Frame>(), await client.nextJson<Frame>());
    const connection_id: string = frames[0]?.data.connection_id;
    expect(connection_id).toMatch(/^[\w-]{36}$/);
    const joined = (room_id: string) => ['room_joined', { connection_id, room_id, member_count: 1 }];
    expect(brief(frames)).toEqual([
      ['system_notification', { message: 'Connected to WebSocket', connection_id, user_id: 'u-1' }],
      joined('user:u-1'),
      joined('group:g-1'),
      joined('group:g-2'),
    ]);
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(Array(4).fill(new Date(server.clock.now()).toISOString()));
    expect(await client.nextJson()).toMatchObject({ data: { action: 'pong', ok: true }, id: 'p' });
  });
});

describe('a connection ends', () => {
  it('with 4401 Token expired when its token does, and not before', async () => {
    const server = await start();
    const now = server.clock.now();
    const member = await server.member({ exp: now / 1000 + 60 });
    await server.clock.advance(59_000);
    expect(await member.told()).toEqual([]);
    await server.clock.advance(1000);
    expect(await member.client.waitForClose()).toEqual({ code: 4401, reason: 'Token expired' });
  });

  it('never for its silence, as long as it answers pings', async () => {
    const server = await start();
    const member = await server.member({ exp: Math.floor(Date.now() / 1000) + 86_400 });
    for (let minute = 0; minute < 120; minute++) {
      const ponged = new Promise((resolve) => member.client.socket.once('ping', resolve));
      await server.clock.advance(30_000);
      await ponged;
      await member.told();
    }
  });

  it('with 1001 after 60 s without any pong or frame', async () => {
    const server = await start();
    const client = await server.open(await bearer(), { autoPong: false });
    for (let frame = 0; frame < 2; frame++) await client.nextJson();
    await server.clock.advance(59_000);
    expect(server.gateway.mount.sessions.size).toBe(1);
    await server.clock.advance(1000);
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: 'No pong' });
  });

  it('not while frames come, even without pongs', async () => {
    const server = await start();
    const client = await server.open(await bearer({ exp: Math.floor(Date.now() / 1000) + 86_400 }), {
      autoPong: false,
    });
    for (let time = 0; time < 10; time++) {
      await server.clock.advance(29_000);
      client.send({ type: 'heartbeat', id: String(time) });
      for (;;) if ((await client.nextJson<Frame>()).id === String(time)) break;
    }
    expect(server.gateway.mount.sessions.size).toBe(1);
  });

  it('with 1012 when the server stops', async () => {
    const server = await start();
    const member = await server.member();
    let drained = false;
    void server.engine.drain(1000).then(() => {
      drained = true;
    });
    while (!drained) await server.clock.advance(100);
    expect(await member.client.waitForClose()).toEqual({ code: 1012, reason: 'Service restart' });
  });

  it('with 1008 when an administrator ends it', async () => {
    const server = await start();
    const member = await server.member();
    expect(server.gateway.mount.disconnect({ identity: 'ada' })).toBe(1);
    expect(await member.client.waitForClose()).toEqual({ code: 1008, reason: 'Disconnected by the server' });
  });
});

describe('limits', () => {
  it('of connections of one user: two, and the third is refused with 429', async () => {
    const server = await start({ maxConnectionsPerIdentity: 2 });
    await server.member();
    await server.member();
    expect(await refusal(server.open(await bearer()))).toMatch(/^429 /);
    await server.member('bob');
  });

  it('of messages: fifty in a second, and the next closes with 1008', async () => {
    const server = await start({ maxMessages: 50 });
    const member = await server.member();
    await server.clock.advance(2000);
    for (let sent = 0; sent < 49; sent++) member.send({ type: 'heartbeat' });
    expect(await member.told()).toHaveLength(49);
    member.send({ type: 'heartbeat' });
    expect(await member.client.waitForClose()).toEqual({ code: 1008, reason: 'Too many messages' });
  });

  it('of a frame: 64 KiB, and more closes with 1009', async () => {
    const server = await start({ maxDataBytes: 1 << 20 });
    for (const [bytes, fits] of [
      [65_535, true],
      [65_536, true],
      [65_537, false],
    ] as const) {
      const member = await server.member();
      const around = JSON.stringify(say('')).length;
      member.send(JSON.stringify(say('x'.repeat(bytes - around))));
      if (fits) expect(brief(await member.told())).toMatchObject([['message', {}]]);
      else expect(await member.client.waitForClose()).toMatchObject({ code: 1009 });
    }
    function say(text: string) {
      return { type: 'message', room: 'user:ada', data: { text } };
    }
  });
});

describe('an option that makes no sense', () => {
  it.each([
    ['maxDataBytes', 0],
    ['maxDataBytes', 1.5],
    ['maxPresences', -1],
    ['presenceGraceMs', -1],
    ['presenceGraceMs', Number.POSITIVE_INFINITY],
    ['maxRooms', 0],
  ])('%s: %d is refused by name', async (option, value) => {
    await expect(start({ [option]: value })).rejects.toMatchObject({ name: 'EngineOptionsError', option });
  });

  it('has a default', () => {
    expect(falconGatewayDefaults).toMatchObject({
      name: 'falcon',
      path: '/websocket/connect',
      presenceGraceMs: 10_000,
    });
    expect(Object.isFrozen(falconGatewayDefaults)).toBe(true);
  });
});
