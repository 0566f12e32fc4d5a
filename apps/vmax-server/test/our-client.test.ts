import { silentLogger } from '@roomcast/engine';
import type { RunningServer } from '@roomcast/server';
import { eventually } from '@roomcast/testing';
import { createVmaxClient, type VmaxClient, type VmaxClientOptions } from '@roomcast/vmax-client';
import { expect, onTestFinished, test } from 'vitest';
import { readVmaxEnvironment, startVmaxServer } from '../src/index.js';

const secret = 'a secret of more than thirty-two bytes';
const publishToken = 'publish-token';
const login = (who: string) => ({ email: `${who}@paintballparadise.com`, password: 'Password123!' });
const fleetId = 'fleet-paintball-paradise';
const regulator = { regulatorId: 'reg-0001', barcode: 'VMAX-0001' };

async function start(variables: Record<string, string> = {}): Promise<RunningServer> {
  const env = { PORT: '0', DEMO: '1', JWT_SECRET: secret, PUBLISH_TOKEN: publishToken };
  const server = await startVmaxServer(readVmaxEnvironment({ ...env, ...variables }), { logger: silentLogger });
  onTestFinished(() => server.close(1000));
  return server;
}

function connect(server: RunningServer, options: Partial<VmaxClientOptions> = {}): VmaxClient {
  const client = createVmaxClient({
    url: server.url,
    login: login('manager'),
    baseMs: 20,
    ...options,
  } as VmaxClientOptions);
  onTestFinished(() => client.disconnect());
  return client;
}

async function publish(server: RunningServer, type: string, payload: object): Promise<void> {
  const response = await fetch(`${server.url}/api/publish`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${publishToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ fleetId, type, payload }),
  });
  expect(response.status).toBe(202);
}

/** Statuses that a client is told of one regulator; the demo feed speaks of others too. */
function statuses(client: VmaxClient): string[] {
  const heard: string[] = [];
  client.on('REGULATOR_STATUS_CHANGED', ({ regulatorId, newStatus }) => {
    if (regulatorId === 'reg-x') heard.push(newStatus);
  });
  return heard;
}

const change = (newStatus: string) => ({ regulatorId: 'reg-x', barcode: 'X', previousStatus: 'READY', newStatus });

test('our client logs in as a manager, and hears its fleet', async () => {
  const server = await start();
  const client = connect(server);
  expect(await client.ready).toMatchObject({ role: 'FLEET_MGR', subscriptions: [`fleet:${fleetId}`] });
  const heard = statuses(client);
  await publish(server, 'REGULATOR_STATUS_CHANGED', change('CHARGING'));
  await eventually(() => heard.length === 1, 'the status');
  expect(await client.ping()).toBeGreaterThanOrEqual(0);
  await expect(client.subscribeToFleet('fleet-northside-arena')).rejects.toMatchObject({
    name: 'RequestRejectedError',
    reason: 'Not authorized to subscribe to this fleet',
  });
});

test("our client hears a regulator's status as its owner, and no check-out", async () => {
  const server = await start();
  const client = connect(server, { login: login('admin') });
  await client.ready;
  await client.subscribeToRegulator(regulator.regulatorId);
  const types: string[] = [];
  client.on('all', ({ type, payload }) => {
    if ((payload as { barcode?: string } | undefined)?.barcode === regulator.barcode) types.push(type);
  });
  const who = { firstName: 'Pim', lastName: 'Player', checkoutDateTime: '2026-01-01T12:00:00.000Z' };
  await publish(server, 'REGULATOR_CHECKED_OUT', { ...regulator, ...who });
  await eventually(() => types.includes('REGULATOR_STATUS_CHANGED'), 'the status');
  expect(types).not.toContain('REGULATOR_CHECKED_OUT');
});

test('our client comes back after a restart of the server, with its subscriptions', async () => {
  const first = await start();
  const client = connect(first, { login: login('admin') });
  await client.ready;
  await client.subscribeToFleet(fleetId);
  const heard = statuses(client);
  await first.close(1000);
  const second = await start({ PORT: String(first.port) });
  await eventually(async () => {
    if (client.state === 'open') await publish(second, 'REGULATOR_STATUS_CHANGED', change('READY'));
    return heard.length > 0;
  }, 'a status after the restart');
  expect(client.subscriptions).toEqual([`fleet:${fleetId}`]);
});

test('our client is told what is wrong: the password, the token', async () => {
  const server = await start();
  const wrongPassword = connect(server, { login: { ...login('manager'), password: 'wrong' } });
  await expect(wrongPassword.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
  const wrongToken = createVmaxClient({ url: server.url, token: 'no.such.token' });
  onTestFinished(() => wrongToken.disconnect());
  await expect(wrongToken.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
});
