import { inspect } from 'node:util';
import { type Deferred, deferred } from '@roomcast/client-core';
import { eventually, ManualClock } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { Tokens } from '../src/api.js';
import { Credentials } from '../src/credentials.js';
import { ApiError, type ClientError, TimeoutError } from '../src/index.js';
import { connect, startServer } from './support/client.js';
import { accepts, denied, granted, type OnHttp } from './support/vmax-server.js';

const login = { email: 'manager@example.com', password: 'secret-password' };
const refused = denied(401, 'INVALID_CREDENTIALS', 'Invalid email or password');

/** Gives access-1, refresh-1 at login, and the next ones at each refresh. */
function rotates(): OnHttp {
  let n = 0;
  return ({ path, body }) => {
    if (path === '/api/v1/auth/login') n += 1;
    else if (Reflect.get(Object(body), 'refreshToken') === `refresh-${n}`) n += 1;
    else return denied(403, 'TOKEN_REVOKED', 'The refresh token was revoked: log in again');
    return granted(`access-${n}`, `refresh-${n}`);
  };
}

describe('a login', () => {
  it('gives the token to connect with', async () => {
    const server = await startServer();
    server.onHttp = rotates();
    server.onConnect = accepts('access-1');
    const { client } = connect(server.url, { login });
    await client.ready;
    expect(server.requests).toEqual([{ path: '/api/v1/auth/login', body: login }]);
    expect(server.tokens).toEqual(['access-1']);
  });

  it('is renewed by the refresh token of then, and only when that is due', async () => {
    const server = await startServer();
    server.onHttp = rotates();
    const { client, opened } = connect(server.url, { login });
    await client.ready;
    server.session.socket.terminate();
    await opened(2);
    server.session.turnAway(4002);
    await opened(3);
    server.session.turnAway(4002);
    await opened(4);
    expect(server.tokens).toEqual(['access-1', 'access-1', 'access-2', 'access-3']);
    expect(server.requests.map(({ body }) => body)).toEqual([
      login,
      { refreshToken: 'refresh-1' },
      { refreshToken: 'refresh-2' },
    ]);
  });

  it('happens again when the refresh token is not good any more', async () => {
    const server = await startServer();
    server.onHttp = rotates();
    const { client, errors, opened } = connect(server.url, { login });
    await client.ready;
    const { onHttp } = server;
    server.onHttp = (request) =>
      request.path.endsWith('refresh') ? denied(401, 'INVALID_REFRESH_TOKEN', 'no') : onHttp(request);
    server.session.turnAway(4002);
    await opened(2);
    expect(server.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['login', 'refresh', 'login']);
    expect(errors).toMatchObject([{ code: 4002 }]);
  });

  it('that is refused ends the client with what the server said', async () => {
    const server = await startServer();
    server.onHttp = () => refused;
    const { client, errors } = connect(server.url, { login });
    await expect(client.ready).rejects.toMatchObject({
      name: 'CredentialsRefusedError',
      message: 'the server did not accept the login: Invalid email or password',
      cause: { name: 'ApiError', status: 401, code: 'INVALID_CREDENTIALS', operation: 'POST /api/v1/auth/login' },
    });
    expect(client.state).toBe('failed');
    expect(server.requests).toHaveLength(1);
    expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain('secret-password');
  });

  it.each<[string, ReturnType<OnHttp>, object]>([
    ['too often', denied(429, 'RATE_LIMITED', 'Too many attempts'), { name: 'ApiError', status: 429 }],
    ['of a server that fails', { status: 502, body: '<h1>Bad gateway</h1>' }, { name: 'ApiError', status: 502 }],
    ['answered with something else', { status: 200, body: { data: {} } }, { name: 'ProtocolError' }],
    ['that hangs', 'hang', { name: 'TimeoutError', operation: 'POST /api/v1/auth/login' }],
  ])('%s is tried again', async (_what, answer, error) => {
    const server = await startServer();
    server.onHttp = () => answer;
    const { client, errors } = connect(server.url, { login, requestTimeoutMs: 100 });
    await eventually(() => errors.length >= 1);
    expect(errors[0]).toMatchObject(error);
    server.onHttp = rotates();
    await client.ready;
  });

  it('may be at another server', async () => {
    const server = await startServer();
    const api = await startServer();
    api.onHttp = rotates();
    const { client } = connect(server.url, { login, apiUrl: `${api.httpUrl}/` });
    await client.ready;
    expect(server.tokens).toEqual(['access-1']);
    expect(server.requests).toEqual([]);
  });

  it('whose server is not there says so', async () => {
    const server = await startServer();
    await server.close();
    const { errors } = connect(server.url, { login });
    await eventually(() => errors.length >= 1);
    expect(errors[0]).toMatchObject({
      name: 'ConnectionRefusedError',
      message: expect.stringMatching(/\/api\/v1\/auth\/login could not be reached: .*ECONNREFUSED/),
    });
  });

  it('under way does not outlive the client', async () => {
    const server = await startServer();
    server.onHttp = () => 'hang';
    const { client, errors } = connect(server.url, { login, requestTimeoutMs: 60_000, connectTimeoutMs: 60_000 });
    await eventually(() => server.requests.length === 1);
    await client.disconnect();
    await eventually(() => server.givenUp === 1);
    expect(errors).toEqual([]);
    expect(client.state).toBe('closed');
  });
});

describe('credentials', () => {
  /** Answers when the test says so. */
  function create() {
    const clock = new ManualClock();
    const asked: string[] = [];
    const answers: Deferred<Tokens>[] = [];
    const ask = (what: string) => {
      const answer = deferred<Tokens>();
      asked.push(what);
      answers.push(answer);
      return answer.promise;
    };
    const api = { login: () => ask('login'), refresh: (refreshToken: string) => ask(refreshToken) };
    const credentials = new Credentials(login, api, clock);
    const give = (n: number) =>
      answers.shift()?.resolve({ accessToken: `access-${n}`, refreshToken: `refresh-${n}`, expiresInMs: 900_000 });
    const fail = (error: ClientError) => answers.shift()?.reject(error);
    return { clock, asked, credentials, give, fail };
  }

  it('never use a refresh token twice, however many ask', async () => {
    const { asked, credentials, give } = create();
    const first = credentials.token({ refresh: false });
    give(1);
    await first;
    const both = [credentials.token({ refresh: true }), credentials.token({ refresh: true })];
    give(2);
    expect(await Promise.all(both)).toEqual(['access-2', 'access-2']);
    expect(asked).toEqual(['login', 'refresh-1']);
  });

  it('do not try a refused refresh token again, also when logging in fails', async () => {
    const { asked, credentials, give, fail } = create();
    const first = credentials.token({ refresh: false });
    give(1);
    await first;
    const second = credentials.token({ refresh: true });
    fail(new ApiError('POST /api/v1/auth/refresh', 403, 'TOKEN_REVOKED', undefined));
    await eventually(() => asked.length === 3);
    fail(new TimeoutError('POST /api/v1/auth/login', 10_000));
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError' });
    const third = credentials.token({ refresh: true });
    give(2);
    expect(await third).toBe('access-2');
    expect(asked).toEqual(['login', 'refresh-1', 'login', 'login']);
  });

  it('are renewed before they expire', async () => {
    const { clock, asked, credentials, give } = create();
    const first = credentials.token({ refresh: false });
    give(1);
    await first;
    await clock.advance(889_000);
    expect(await credentials.token({ refresh: false })).toBe('access-1');
    await clock.advance(1_000);
    const second = credentials.token({ refresh: false });
    give(2);
    expect(await second).toBe('access-2');
    expect(asked).toEqual(['login', 'refresh-1']);
  });
});
