import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { eventually, listen, ManualClock, type TestClient } from '@roomcast/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hashPassword } from '../src/accounts/passwords.js';
import { readVmaxEnvironment, vmaxServer } from '../src/index.js';
import { manager, secret, start, temporaryFolder } from './support/server.js';

let passwordHash = '';

beforeAll(async () => {
  passwordHash = await hashPassword('a password');
});

const boss = { email: 'boss@example.com', password: 'a password' };

function directory(fields: { fleetOfR1?: string; role?: string; users?: object[] } = {}): object {
  const { fleetOfR1 = 'f1', role = 'FLEET_MGR' } = fields;
  return {
    regulators: [
      { id: 'r1', fleetId: fleetOfR1 },
      { id: 'r2', fleetId: 'f1' },
    ],
    users: fields.users ?? [{ id: 'boss', email: boss.email, passwordHash, role, fleetId: 'f1' }],
  };
}

function writeDirectory(content: unknown, path = join(temporaryFolder(), 'directory.json')): string {
  writeFileSync(`${path}.new`, typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(`${path}.new`, path);
  return path;
}

async function subscribe(client: TestClient, regulatorId: string): Promise<string> {
  client.send({ type: 'SUBSCRIBE', payload: { channel: 'regulator', regulatorId } });
  const { type, payload } = await client.nextJson<{ type: string; payload: { message?: string } }>();
  return payload.message ?? type;
}

const forbidden = 'Not authorized to subscribe to this regulator';

describe('a directory file', () => {
  test('says who can log in and which fleet a regulator is in', async () => {
    const server = await start({ DEMO: '', DIRECTORY_FILE: writeDirectory(directory()) });
    const { accessToken, user } = await server.login(boss);
    expect(user).toMatchObject({ id: 'boss', role: 'FLEET_MGR', fleetId: 'f1', firstName: '' });
    const client = await server.connect(accessToken);
    await client.next();
    expect(await subscribe(client, 'r1')).toBe('SUBSCRIBED');
    expect(await subscribe(client, 'r3')).toBe(forbidden);
    expect((await server.post('/api/v1/auth/login', manager)).status).toBe(401);
    expect((await server.post('/demo/session', { identity: 'boss' })).status).toBe(404);
  });

  test('takes the place of the demo directory', async () => {
    const server = await start({ DIRECTORY_FILE: writeDirectory(directory()) });
    expect((await server.get('/demo/session')).body.identities).toMatchObject([{ id: 'boss', email: boss.email }]);
    expect((await server.post('/api/v1/auth/login', manager)).status).toBe(401);
  });

  test('that changes moves regulators to other fleets, and users to other roles', async () => {
    const path = writeDirectory(directory());
    const server = await start({ DEMO: '', DIRECTORY_FILE: path });
    const session = await server.login(boss);
    const client = await server.connect(session.accessToken);
    await client.next();
    await subscribe(client, 'r1');
    writeDirectory(directory({ fleetOfR1: 'f2', role: 'FLEET_USER' }), path);
    expect(await client.nextJson()).toMatchObject({
      type: 'UNSUBSCRIBED',
      payload: { channel: 'regulator', regulatorId: 'r1' },
    });
    expect(await subscribe(client, 'r1')).toBe(forbidden);
    const renewed = (await server.refresh(session.refreshToken)).body.data;
    expect(renewed.user.role).toBe('FLEET_USER');
    const again = await server.connect(renewed.accessToken);
    await again.next();
    expect(await subscribe(again, 'r2')).toBe(forbidden);
  });

  test('in which a user is no more renews nothing', async () => {
    const path = writeDirectory(directory());
    const server = await start({ DEMO: '', DIRECTORY_FILE: path });
    const { refreshToken } = await server.login(boss);
    writeDirectory(directory({ users: [] }), path);
    await eventually(() => server.logger.text.includes('the directory was read again'));
    expect(await server.refresh(refreshToken)).toMatchObject({ status: 401 });
    expect(await server.post('/api/v1/auth/login', boss)).toMatchObject({ status: 401 });
  });

  test.each([
    ['{', /expected a JSON file, got no JSON/],
    ['[]', /at its top level/],
    [{ regulators: [{ id: 'r1' }] }, /at regulators\.0\.fleetId/],
    [{ regulators: [{ id: 'r1', fleetId: '' }] }, /at regulators\.0\.fleetId: expected 1 to 128 characters/],
    [{ users: [{ id: 'u', email: 'a@example.com', role: 'ADMIN', passwordHash: 'x' }] }, /at users\.0\.passwordHash/],
    [{ users: [{ id: 'u', email: 'a@example.com', role: 'ADMIN', password: 'x' }] }, /at users\.0/],
    [{ regulators: [], fleets: [] }, /fleets/],
    [
      {
        regulators: [
          { id: 'r1', fleetId: 'a' },
          { id: 'r1', fleetId: 'b' },
        ],
      },
      /at regulators\.1\.id: expected each id once/,
    ],
  ])('that can not be used is told in one line: %j', async (content, message) => {
    const env = readVmaxEnvironment({ JWT_SECRET: secret, DIRECTORY_FILE: writeDirectory(content) });
    await expect(vmaxServer(env)).rejects.toThrow(message);
    await expect(vmaxServer(env)).rejects.toThrow(/^DIRECTORY_FILE: /);
  });

  test('may not name an address twice', async () => {
    const users = ['boss@example.com', 'Boss@Example.com'].map((email, index) => ({
      id: `u${index}`,
      email,
      passwordHash,
      role: 'ADMIN',
    }));
    const env = readVmaxEnvironment({ JWT_SECRET: secret, DIRECTORY_FILE: writeDirectory({ users }) });
    await expect(vmaxServer(env)).rejects.toThrow(/at users\.1\.email: expected each email once/);
  });
});

describe('a directory behind HTTP', () => {
  async function backend(): Promise<{ url: string; asked: unknown[]; fleets: Map<string, string> }> {
    const asked: unknown[] = [];
    const fleets = new Map([['r1', 'fleet-paintball-paradise']]);
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const question = JSON.parse(Buffer.concat(chunks).toString()) as { regulatorId: string };
      asked.push(question);
      const fleetId = fleets.get(question.regulatorId);
      if (fleetId === undefined) response.writeHead(404).end();
      else response.end(JSON.stringify({ fleetId }));
    });
    const listening = await listen(server);
    onTestFinished(listening.close);
    return { url: listening.http, asked, fleets };
  }

  test('is asked for the fleet of a regulator, and again every 30 s', async () => {
    const { url, asked, fleets } = await backend();
    const clock = new ManualClock(Date.now());
    const server = await start({ DIRECTORY_URL: url }, { clock });
    const client = await server.connect((await server.login()).accessToken);
    await client.next();
    expect(await subscribe(client, 'r1')).toBe('SUBSCRIBED');
    expect(await subscribe(client, 'r2')).toBe(forbidden);
    expect(asked).toEqual([{ regulatorId: 'r1' }, { regulatorId: 'r2' }]);
    fleets.set('r1', 'fleet-northside-arena');
    await clock.advance(31_000);
    await eventually(() => asked.length === 3, 'another question');
    await eventually(() => client.received.some((text) => String(text).includes('"UNSUBSCRIBED"')));
  });

  test('that is down denies, and counts', async () => {
    const server = await start({ DIRECTORY_URL: 'http://127.0.0.1:1' });
    const client = await server.connect((await server.login()).accessToken);
    await client.next();
    expect(await subscribe(client, 'r1')).toBe(forbidden);
    const metrics = await (await fetch(`${server.running.url}/metrics`)).text();
    expect(metrics).toMatch(/^roomcast_directory_failures_total 1$/m);
  });
});

test('without a directory nobody can log in, and only what tokens say counts', async () => {
  const server = await start({ DEMO: '' });
  expect(await server.post('/api/v1/auth/login', manager)).toMatchObject({
    status: 404,
    body: { error: { code: 'NOT_FOUND' } },
  });
});
