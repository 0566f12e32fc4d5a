import { ManualClock } from '@roomcast/testing';
import { errorAnswer, sessionAnswer } from '@roomcast/vmax-protocol';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { manager, secret, start } from './support/server.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const meta = { timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/), requestId: expect.stringMatching(uuid) };
const login = '/api/v1/auth/login';

describe('a login', () => {
  test('answers with tokens and the user', async () => {
    const server = await start();
    const { status, body } = await server.post(login, manager);
    expect(status).toBe(200);
    expect(sessionAnswer.safeParse(body).success).toBe(true);
    expect(body).toEqual({
      data: {
        accessToken: expect.any(String),
        refreshToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
        user: {
          id: 'user-manager',
          email: manager.email,
          role: 'FLEET_MGR',
          fleetId: 'fleet-paintball-paradise',
          firstName: 'Morgan',
          lastName: 'Manager',
        },
      },
      meta,
    });
  });

  test('gives an access token with the claims that connections go by', async () => {
    const server = await start();
    const { accessToken } = await server.login({ ...manager, email: 'owner@paintballparadise.com' });
    const claims = decodeJwt(accessToken);
    expect(claims).toEqual({
      sub: 'owner@paintballparadise.com',
      userId: 'user-owner',
      role: 'REG_OWNER',
      fleetId: null,
      ownedRegulatorIds: ['reg-0001', 'reg-0101'],
      token_type: 'access',
      jti: expect.stringMatching(uuid),
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 900,
    });
    const client = await server.connect(accessToken);
    expect(await client.nextJson()).toMatchObject({ type: 'CONNECTED', payload: { userId: 'user-owner' } });
  });

  test.each([
    ['admin', 'ADMIN'],
    ['subadmin', 'SUB_ADMIN'],
    ['manager', 'FLEET_MGR'],
    ['submanager', 'SUB_FLEET_MGR'],
    ['user', 'FLEET_USER'],
    ['owner', 'REG_OWNER'],
    ['onboarding', 'ONBOARDING'],
    ['tester', 'UNIT_TESTER'],
  ])('is possible in a demonstration as %s, who is %s', async (name, role) => {
    const server = await start();
    const { user } = await server.login({ ...manager, email: `${name}@paintballparadise.com` });
    expect(user.role).toBe(role);
  });

  test('takes an address in upper and lower case alike', async () => {
    const server = await start();
    const { user } = await server.login({ ...manager, email: 'Manager@PaintballParadise.com' });
    expect(user.email).toBe(manager.email);
  });

  test.each([
    { ...manager, password: 'Password123' },
    { ...manager, password: 'password123!' },
    { ...manager, password: `${manager.password} ` },
    { email: 'nobody@paintballparadise.com', password: manager.password },
  ])('with $email and $password is refused in the same words', async (body) => {
    const server = await start();
    const answer = await server.post(login, body);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: { code: 'INVALID_CREDENTIALS', message: 'Invalid email or password' },
      meta,
    });
    expect(errorAnswer.safeParse(answer.body).success).toBe(true);
  });

  test.each([
    ['', ['']],
    ['{', ['']],
    ['null', ['']],
    [[manager], ['']],
    [{}, ['email', 'password']],
    [{ email: 'manager' }, ['email', 'password']],
    [{ email: manager.email, password: 5 }, ['password']],
    [{ email: { $gt: '' }, password: { $gt: '' } }, ['email', 'password']],
  ])('that is malformed, as %j, names the fields %j', async (body, fields) => {
    const server = await start();
    const answer = await server.post(login, body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ error: { code: 'VALIDATION_ERROR' }, meta });
    expect(answer.body.error.details.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test('leaves neither password nor token in the log', async () => {
    const server = await start();
    const { accessToken, refreshToken } = await server.login();
    await server.post(login, { ...manager, password: 'a-wrong-password' });
    await server.refresh(refreshToken);
    await server.refresh(refreshToken);
    for (const hidden of [accessToken, refreshToken, manager.password, 'a-wrong-password', secret]) {
      expect(server.logger.text).not.toContain(hidden);
    }
  });
});

describe('how often a password may be tried', () => {
  const wrong = { ...manager, password: 'wrong' };
  const limited = { error: { code: 'RATE_LIMITED' }, meta };

  test('on one account: over the limit even the right one is refused', async () => {
    const server = await start({ MAX_LOGINS_PER_ACCOUNT_PER_MINUTE: '3' });
    for (let attempt = 0; attempt < 3; attempt++) expect((await server.post(login, wrong)).status).toBe(401);
    const refused = await server.post(login, { ...manager, email: manager.email.toUpperCase() });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject(limited);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await server.login({ ...manager, email: 'admin@paintballparadise.com' })).user.role).toBe('ADMIN');
  });

  test('on an account that does not exist: as on one that does', async () => {
    const server = await start({ MAX_LOGINS_PER_ACCOUNT_PER_MINUTE: '2' });
    const nobody = { email: 'nobody@example.com', password: 'x' };
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt++) statuses.push((await server.post(login, nobody)).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  test('again after the right one', async () => {
    const server = await start({ MAX_LOGINS_PER_ACCOUNT_PER_MINUTE: '3' });
    for (let round = 0; round < 3; round++) {
      for (let attempt = 0; attempt < 2; attempt++) expect((await server.post(login, wrong)).status).toBe(401);
      await server.login();
    }
  });

  test('from one address, whatever it says about itself', async () => {
    const server = await start({ MAX_LOGINS_PER_IP_PER_MINUTE: '3' });
    const statuses = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const headers = { 'x-forwarded-for': `10.0.0.${attempt}` };
      const body = { email: `user-${attempt}@example.com`, password: 'x' };
      statuses.push((await server.post(login, body, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    // What is malformed costs nothing and is not counted.
    expect((await server.post(login, {})).status).toBe(422);
  });

  test('from each address that a trusted proxy tells', async () => {
    const server = await start({ MAX_LOGINS_PER_IP_PER_MINUTE: '1', TRUST_PROXY: '1' });
    const from = async (ip: string) => (await server.post(login, wrong, { 'x-forwarded-for': ip })).status;
    expect([await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.2')]).toEqual([401, 429, 401]);
  });
});

describe('a refresh', () => {
  test('gives new tokens, each refresh token once', async () => {
    const server = await start();
    let { refreshToken } = await server.login();
    const seen = new Set([refreshToken]);
    for (let round = 0; round < 3; round++) {
      const { status, body } = await server.refresh(refreshToken);
      expect(status).toBe(200);
      expect(sessionAnswer.safeParse(body).success).toBe(true);
      expect(body).toMatchObject({ data: { expiresIn: 900, user: { email: manager.email } }, meta });
      refreshToken = body.data.refreshToken;
      expect(seen.has(refreshToken)).toBe(false);
      seen.add(refreshToken);
      const client = await server.connect(body.data.accessToken);
      expect(await client.nextJson()).toMatchObject({ type: 'CONNECTED' });
    }
  });

  test('with a token that was used ends its whole family, and no other', async () => {
    const server = await start();
    const { refreshToken: stolen } = await server.login();
    const { refreshToken: other } = await server.login();
    const next = (await server.refresh(stolen)).body.data.refreshToken;
    const reused = await server.refresh(stolen);
    expect(reused.status).toBe(403);
    expect(reused.body).toMatchObject({ error: { code: 'TOKEN_REVOKED' }, meta });
    expect(await server.refresh(next)).toMatchObject({ status: 403, body: { error: { code: 'TOKEN_REVOKED' } } });
    expect(await server.refresh(other)).toMatchObject({ status: 200 });
    const lines = server.logger.lines.filter(({ message }) => message.startsWith('a refresh token came twice'));
    expect(lines).toMatchObject([{ level: 'warn', fields: { userId: 'user-manager' } }]);
  });

  test('twice at once with one token: one wins, and then the family is over', async () => {
    const server = await start();
    const { refreshToken } = await server.login();
    const answers = await Promise.all([server.refresh(refreshToken), server.refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await server.refresh(winner?.body.data.refreshToken)).status).toBe(403);
  });

  test('with anything else is refused', async () => {
    const server = await start();
    const stranger = await start({ JWT_SECRET: `another ${secret}` });
    const { accessToken } = await server.login();
    const { refreshToken: ofStranger } = await stranger.login();
    const restarted = await start();
    const { refreshToken: ofBefore } = await restarted.login();
    for (const token of ['x', accessToken, ofStranger, ofBefore]) {
      const { status, body } = await server.refresh(token);
      expect(status).toBe(401);
      expect(body).toMatchObject({ error: { code: 'INVALID_REFRESH_TOKEN' }, meta });
    }
  });

  test('that is malformed names its field', async () => {
    const server = await start();
    for (const body of [{}, { refreshToken: 5 }, 'x']) {
      expect(await server.post('/api/v1/auth/refresh', body)).toMatchObject({
        status: 422,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ message: expect.stringContaining('expected') }] } },
      });
    }
  });

  test('lets a client go on whose access token expires while it is connected', async () => {
    const clock = new ManualClock(Date.now());
    const server = await start({ PING_INTERVAL_MS: '0' }, { clock });
    const { accessToken, refreshToken } = await server.login();
    const client = await server.connect(accessToken);
    await clock.advance(905_000);
    expect(await client.waitForClose()).toEqual({ code: 4002, reason: 'Invalid token' });
    const renewed = (await server.refresh(refreshToken)).body.data;
    const again = await server.connect(renewed.accessToken);
    expect(await again.nextJson()).toMatchObject({ type: 'CONNECTED', payload: { userId: 'user-manager' } });
  });

  test('token opens no connection', async () => {
    const server = await start();
    const client = await server.connect((await server.login()).refreshToken);
    expect(await client.nextJson()).toMatchObject({ type: 'ERROR', payload: { message: 'Invalid or expired token' } });
    expect(await client.waitForClose()).toEqual({ code: 4002, reason: 'Invalid token' });
  });
});

test('a page of another origin may not read the answers, one of an allowed origin may', async () => {
  const server = await start({ ALLOWED_ORIGINS: 'https://app.example.com' });
  const allowed = async (origin: string) =>
    (await server.post(login, manager, { origin })).headers.get('access-control-allow-origin');
  expect(await allowed('https://app.example.com')).toBe('https://app.example.com');
  expect(await allowed('https://elsewhere.example')).toBeNull();
});
