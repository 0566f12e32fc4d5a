import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@roomcast/engine';
import { createKillmailsClient, type KillmailsClient, type KillmailsClientOptions } from '@roomcast/killmails-client';
import type { RunningServer } from '@roomcast/server';
import { eventually } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readKillmailsEnvironment } from '../src/environment.js';
import { startKillmailsServer } from '../src/index.js';

const jita = 30000142;
const amarr = 30002187;
const publishToken = 'publish-token';
const stateDir = mkdtempSync(join(tmpdir(), 'roomcast-our-client-'));

async function start(variables: Record<string, string> = {}): Promise<RunningServer> {
  const env = { PORT: '0', STATE_DIR: stateDir, KILLMAILS_TOKENS: 'client-token', PUBLISH_TOKEN: publishToken };
  const server = await startKillmailsServer(readKillmailsEnvironment({ ...env, ...variables }), {
    logger: silentLogger,
  });
  onTestFinished(() => server.close(1000));
  return server;
}

function connect(server: RunningServer, options: Partial<KillmailsClientOptions> = {}): KillmailsClient {
  const client = createKillmailsClient({ url: server.url, token: 'client-token', baseMs: 20, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function publish(server: RunningServer, id: number, fields: object = {}): Promise<void> {
  const kill = {
    killmail_id: id,
    killmail_time: new Date().toISOString(),
    solar_system_id: jita,
    victim: { character_id: 7, character_name: 'Pim', ship_type_id: 587 },
    attackers: [],
    ...fields,
  };
  const response = await fetch(`${server.url}/api/publish`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${publishToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(kill),
  });
  expect(response.status).toBe(202);
}

test('our client follows kills, counts, characters and its own status', async () => {
  const server = await start();
  const client = connect(server, { systems: [jita] });
  await client.ready;
  const counts: number[] = [];
  client.on('kill_count_update', ({ count }) => counts.push(count));
  const kills = client.kills();
  await publish(server, 1);
  expect((await kills.next()).value).toMatchObject({ killmail_id: 1, victim: { ship_type_name: 'Rifter' } });
  expect(await client.subscribe([amarr])).toEqual([jita, amarr]);
  expect(await client.unsubscribe([jita])).toEqual([amarr]);
  expect(await client.subscribeCharacters([7])).toEqual([7]);
  await publish(server, 2);
  expect((await kills.next()).value).toMatchObject({ killmail_id: 2 });
  expect(await client.status()).toMatchObject({ subscribed_systems: [amarr], subscribed_characters: [7] });
  expect(counts).toEqual([1]);
  await expect(client.subscribe(Array.from({ length: 100 }, (_, index) => index + 1))).rejects.toThrow(
    'Too many systems (max: 100)',
  );
});

test('our client comes back after a restart of the server, with its subscriptions', async () => {
  const first = await start();
  const client = connect(first, { systems: [jita] });
  await client.ready;
  const seen: { id: number; preload: boolean }[] = [];
  client.on('killmail', ({ killmail, preload }) => seen.push({ id: killmail.killmail_id, preload }));
  await publish(first, 11);
  await eventually(() => seen.length === 1, 'the first kill');
  await client.subscribe([amarr]);
  await first.close(1000);
  const second = await start({ PORT: String(first.port) });
  await eventually(() => client.state === 'live', 'the new connection');
  expect((await client.status()).subscribed_systems).toEqual([jita, amarr]);
  await publish(second, 12, { solar_system_id: amarr });
  await eventually(() => seen.some(({ id }) => id === 12), 'a kill of a system subscribed to before the restart');
});

test('our client is told why it is refused', async () => {
  const server = await start();
  const client = connect(server, { token: 'another-token' });
  await expect(client.ready).rejects.toMatchObject({ name: 'ConnectionRefusedError', status: 403 });
});
