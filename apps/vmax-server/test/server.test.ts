import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openClient, runNode, type TestClient } from '@roomcast/testing';
import { errorAnswer } from '@roomcast/vmax-protocol';
import { describe, expect, test } from 'vitest';
import { isPassword } from '../src/accounts/passwords.js';
import { readVmaxEnvironment } from '../src/index.js';
import { publishToken, secret, start } from './support/server.js';

const fleetId = 'fleet-x';
const regulatorId = 'reg-x';
const checkedOut = {
  fleetId,
  type: 'REGULATOR_CHECKED_OUT',
  payload: {
    regulatorId,
    barcode: 'VMAX-0001',
    playerId: 'player-123',
    firstName: 'John',
    lastName: 'Doe',
    checkoutDateTime: '2026-01-16T12:05:00.000Z',
  },
};
const statusChanged = {
  fleetId,
  type: 'REGULATOR_STATUS_CHANGED',
  payload: { regulatorId, barcode: 'VMAX-0001', previousStatus: 'MAINTENANCE', newStatus: 'CHECKED_OUT' },
};

async function watch(client: TestClient): Promise<void> {
  await client.next();
  client.send({ type: 'SUBSCRIBE', payload: { channel: 'fleet', fleetId } });
  await client.next();
}

describe('the server', () => {
  test('answers GET /health with its version', async () => {
    const server = await start();
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect((await server.get('/health')).body).toEqual({
      status: 'ok',
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      version,
    });
    expect((await server.get('/readyz')).status).toBe(200);
  });

  test('answers unknown paths of the API in its own form', async () => {
    const server = await start();
    for (const path of ['/api/v1', '/api/v1/auth', '/api/v1/auth/login', '/api/v1/fleets/x']) {
      const { status, body } = await server.get(path);
      expect([path, status]).toEqual([path, 404]);
      if (path !== '/api/v1') expect(errorAnswer.safeParse(body).success).toBe(true);
    }
  });

  test('delivers what is published over HTTP', async () => {
    const server = await start();
    const { accessToken } = await server.login({ email: 'admin@paintballparadise.com', password: 'Password123!' });
    const client = await server.connect(accessToken);
    await watch(client);
    expect(await server.publish(checkedOut)).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(await client.nextJson()).toMatchObject({ type: 'REGULATOR_CHECKED_OUT', payload: checkedOut.payload });
    expect(await client.nextJson()).toMatchObject({
      type: 'REGULATOR_STATUS_CHANGED',
      payload: { previousStatus: 'READY', newStatus: 'CHECKED_OUT' },
    });
    expect(await server.publish([checkedOut, statusChanged])).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect(await client.nextJson()).toMatchObject({ type: 'REGULATOR_CHECKED_OUT' });
    expect(await client.nextJson()).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED', payload: statusChanged.payload });
    client.send({ type: 'PING' });
    expect(await client.nextJson()).toMatchObject({ type: 'PONG' });
  });

  test('names every bad field of what is published, and publishes nothing', async () => {
    const server = await start();
    const answer = await server.publish([
      checkedOut,
      { fleetId, type: 'TELEMETRY_RECEIVED', payload: { timestamp: '2026-01-16T12:05:00Z', soc: 1, soh: 2 } },
      { fleetId, type: 'NEWS' },
    ]);
    expect(answer.status).toBe(400);
    expect(answer.body.issues).toEqual([
      { path: '1.payload.regulatorId', message: 'expected a string, got nothing' },
      { path: '2.type', message: expect.stringMatching(/^expected one of .*, got "NEWS"$/) },
    ]);
    expect((await server.post('/api/publish', checkedOut)).status).toBe(401);
  });

  test('gives a token to each demo identity', async () => {
    const server = await start();
    const { identities } = (await server.get('/demo/session')).body;
    expect(identities).toHaveLength(8);
    for (const identity of identities) {
      const { status, body } = await server.post('/demo/session', { identity: identity.id });
      expect([status, body.identity]).toEqual([200, identity]);
      const client = await server.connect(body.token);
      expect(await client.nextJson()).toMatchObject({
        type: 'CONNECTED',
        payload: { userId: identity.id, role: identity.role },
      });
    }
    expect((await server.post('/demo/session', { identity: 'nobody' })).status).toBe(404);
  });

  test('that holds only a public key logs nobody in', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const server = await start({ JWT_SECRET: '', JWT_PUBLIC_KEY: pem });
    expect((await server.post('/api/v1/auth/login', {})).status).toBe(404);
    expect((await server.get('/demo/session')).status).toBe(404);
  });

  test('ends connections with 1012 when it stops', async () => {
    const server = await start();
    const client = await server.connect((await server.login()).accessToken);
    await server.running.close(1000);
    expect(await client.waitForClose()).toEqual({ code: 1012, reason: 'service restart' });
  });
});

test.each([
  [{}, 'JWT_SECRET: expected at least 32 bytes'],
  [{ JWT_SECRET: 'short' }, 'JWT_SECRET: expected at least 32 bytes, got 5 bytes'],
  [{ DEMO: 'yes' }, 'DEMO: expected 1 or 0, got "yes"'],
  [
    { DEMO: '1', MAX_LOGINS_PER_IP_PER_MINUTE: '0' },
    'MAX_LOGINS_PER_IP_PER_MINUTE: expected a whole number, 1 or more',
  ],
])('the environment %j is refused: %s', (environment, message) => {
  expect(() => readVmaxEnvironment(environment)).toThrow(message);
});

test('listens on 8080 unless told otherwise', () => {
  expect(readVmaxEnvironment({ DEMO: '1' }).PORT).toBe(8080);
});

describe('the program', () => {
  const run = (env: Record<string, string> = {}, args: string[] = []) =>
    runNode(new URL('../src/main.ts', import.meta.url), { PORT: '0', ...env }, args);

  test('serves until a signal, and exits with 0', async () => {
    const { exited, kill, listening } = await run({ JWT_SECRET: secret, PUBLISH_TOKEN: publishToken });
    const client = await openClient(`${(await listening()).replace('http', 'ws')}/ws`);
    expect(await client.waitForClose()).toEqual({ code: 4001, reason: 'Authentication required' });
    kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('says in one line what it can not start without', async () => {
    const { exited, output } = await run();
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(/^JWT_SECRET: expected at least 32 bytes .*\n$/);
  });

  test('hashes a password for a directory file', async () => {
    const { exited, input, output } = await run({}, ['hash-password']);
    input('a password\n');
    expect(await exited).toEqual([0, null]);
    expect(await isPassword('a password', output.out.trimEnd())).toBe(true);
    const empty = await run({}, ['hash-password']);
    empty.input('\n');
    await empty.exited;
    expect(empty.output.err).toMatch(/^expected a password of 1 to 1024 characters, .*\n$/);
  });
});
