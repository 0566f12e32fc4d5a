import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer } from '@roomcast/server';
import { eventually, openClient, RecordingLogger, UpgradeRefused } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readKillmailsEnvironment } from '../src/environment.js';
import { startKillmailsServer } from '../src/index.js';
import { EsiServer } from './support/esi-server.js';
import { r2z2Body } from './support/kills.js';
import { joinLobby, nextOf } from './support/lobby.js';
import { R2z2Server } from './support/r2z2-server.js';
import { unreachable } from './support/unreachable.js';

const stateDir = () => mkdtempSync(join(tmpdir(), 'roomcast-killmails-'));

async function start(variables: Record<string, string>): Promise<{ server: RunningServer; logger: RecordingLogger }> {
  const logger = new RecordingLogger();
  const env = readKillmailsEnvironment({ PORT: '0', STATE_DIR: stateDir(), ...variables });
  const server = await startKillmailsServer(env, { logger });
  onTestFinished(() => server.close(2000));
  return { server, logger };
}

const configured = { KILLMAILS_TOKENS: 'client-token' };

test("zKillboard's kills reach subscribers, with names from ESI and from the data files", async () => {
  const r2z2 = await new R2z2Server().start();
  const esi = await new EsiServer().start();
  const body = r2z2Body(445);
  const { esi: killmail } = body as unknown as { esi: { solar_system_id: number; victim: { ship_type_id: number } } };
  const { server } = await start({
    ...configured,
    KILLMAILS_UPSTREAM: 'r2z2',
    R2Z2_URL: r2z2.url,
    ESI_URL: esi.url,
    USER_AGENT: 'server-test',
  });
  const client = await joinLobby(server.url, 'client-token', { systems: [killmail.solar_system_id] });
  r2z2.putAll(500, [body]);
  r2z2.sequence(500);
  const { killmails } = (await nextOf(client, 'killmail_update')) as { killmails: Record<string, unknown>[] };
  expect(killmails).toMatchObject([
    {
      killmail_id: body.killmail_id,
      solar_system_id: killmail.solar_system_id,
      victim: { ship_type_name: expect.stringMatching(/\w/), corporation_name: expect.stringMatching(/^Name \d+$/) },
      zkb: { hash: body.hash },
    },
  ]);
  expect(await nextOf(client, 'kill_count_update')).toMatchObject({ system_id: killmail.solar_system_id, count: 1 });
  expect(r2z2.requests[0]?.headers['user-agent']).toBe('server-test');
  expect(esi.headers[0]?.['user-agent']).toBe('server-test');
});

test('a restart goes on in the feed, and keeps the counts', async () => {
  const r2z2 = await new R2z2Server().start();
  r2z2.sequence(1);
  r2z2.putAll(1, [r2z2Body(10), r2z2Body(11)]);
  const variables = {
    ...configured,
    STATE_DIR: stateDir(),
    KILLMAILS_UPSTREAM: 'r2z2',
    R2Z2_URL: r2z2.url,
    ESI_URL: await unreachable(),
  };
  const system = (r2z2Body(11).esi as { solar_system_id: number }).solar_system_id;
  const count = async ({ url }: RunningServer) => {
    const response = await fetch(`${url}/api/v1/kills/count/${system}`);
    return ((await response.json()) as { data: { count: number } }).data.count;
  };
  const first = await start(variables);
  await eventually(() => r2z2.asked.includes('3'), 'both killmails');
  const before = await count(first.server);
  expect(before).toBeGreaterThan(0);
  await first.server.close();
  const asked = r2z2.asked.length;
  expect(JSON.parse(readFileSync(join(variables.STATE_DIR, 'killmails.json'), 'utf8'))).toMatchObject({
    feed: { sequence: 2 },
  });
  // The first of these is a kill that was counted before.
  r2z2.putAll(3, [r2z2Body(11), r2z2Body(12)]);
  const second = await start(variables);
  await eventually(() => r2z2.asked.includes('5'), 'the killmails since');
  expect(r2z2.asked[asked]).toBe('3');
  const sameSystem = (r2z2Body(12).esi as { solar_system_id: number }).solar_system_id === system;
  expect(await count(second.server)).toBe(before + (sameSystem ? 1 : 0));
});

test('a demonstration takes the tokens of the document and sends kills at once', async () => {
  const { server, logger } = await start({ DEMO: '1', ...configured });
  for (const token of ['test-token', 'your-api-token', 'your-token', 'my-api-token', 'client-token']) {
    const client = await joinLobby(server.url, token, { systems: [30000142] });
    await client.close();
  }
  const client = await joinLobby(server.url, 'test-token', {
    systems: [30000142, 30002659, 30002187, 30002053, 30002510],
  });
  const { killmails } = (await nextOf(client, 'killmail_update')) as { killmails: Record<string, unknown>[] };
  expect(killmails).toMatchObject([{ solar_system_name: expect.stringMatching(/Jita|Dodixie|Amarr|Hek|Rens/) }]);
  expect(logger.text).toContain('DEMO=1');
  const sessions = (await (await fetch(`${server.url}/demo/session`)).json()) as { identities: { id: string }[] };
  expect(sessions.identities.length).toBeGreaterThan(0);
  const response = await fetch(`${server.url}/demo/session`, {
    method: 'POST',
    body: JSON.stringify({ identity: sessions.identities[0]?.id }),
  });
  const { token } = (await response.json()) as { token: string };
  await (await joinLobby(server.url, token, {})).close();
});

test('without DEMO the tokens of the document are refused, and nobody gets one', async () => {
  const { server } = await start(configured);
  const refused = openClient(`${server.url.replace('http', 'ws')}/socket/websocket?token=test-token`);
  await expect(refused).rejects.toMatchObject({ constructor: UpgradeRefused, status: 403, body: '' });
  expect((await fetch(`${server.url}/demo/session`)).status).toBe(404);
});

test('KILLMAILS_ANONYMOUS lets connections in without a token', async () => {
  const { server } = await start({ ...configured, KILLMAILS_ANONYMOUS: '1' });
  const client = await openClient(`${server.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  await client.close();
});

test('a published killmail is delivered and can be read', async () => {
  const { server } = await start({ ...configured, PUBLISH_TOKEN: 'publish-token' });
  const { esi, killmail_id } = r2z2Body(3);
  const system = (esi as { solar_system_id: number }).solar_system_id;
  const killmail = { ...esi, killmail_time: new Date().toISOString() };
  const client = await joinLobby(server.url, 'client-token', { systems: [system] });
  const publish = (body: unknown) =>
    fetch(`${server.url}/api/publish`, {
      method: 'POST',
      headers: { Authorization: 'Bearer publish-token', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await publish(killmail)).status).toBe(202);
  expect(await nextOf(client, 'killmail_update')).toMatchObject({ system_id: system, killmails: [{ killmail_id }] });
  const read = await fetch(`${server.url}/api/v1/kills/system/${system}`, { headers: { Origin: 'https://a.example' } });
  expect(await read.json()).toMatchObject({ data: { kills: [{ killmail_id }] } });
  expect(read.headers.get('access-control-allow-origin')).toBeNull();
  expect((await publish({ ...killmail, victim: 7 })).status).toBe(400);
});

test('MAX_SYSTEMS and IDLE_TIMEOUT_MS reach the clients', async () => {
  const { server } = await start({ ...configured, MAX_SYSTEMS: '2', IDLE_TIMEOUT_MS: '1000' });
  await expect(joinLobby(server.url, 'client-token', { systems: [1, 2, 3] })).rejects.toThrow(
    'Too many systems (max: 2)',
  );
  const client = await joinLobby(server.url, 'client-token', { systems: [1, 2] });
  expect((await client.waitForClose()).code).toBe(1001);
});

test('the pages that may read the answers are those of ALLOWED_ORIGINS', async () => {
  const { server } = await start({ ...configured, ALLOWED_ORIGINS: 'https://map.example' });
  const from = async (origin: string) => {
    const response = await fetch(`${server.url}/api/v1/kills/count/1`, { headers: { Origin: origin } });
    return response.headers.get('access-control-allow-origin');
  };
  expect(await from('https://map.example')).toBe('https://map.example');
  expect(await from('https://other.example')).toBeNull();
});

test('it is ready, and a body that is too large is refused', async () => {
  const { server } = await start(configured);
  await eventually(async () => (await fetch(`${server.url}/readyz`)).status === 200, '/readyz');
  const ready = (await (await fetch(`${server.url}/readyz`)).json()) as { parts: object };
  expect(ready.parts).toMatchObject({ bus: 'ok', kills: 'ok' });
  const response = await fetch(`${server.url}/api/v1/kills/systems`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect(response.status).toBe(413);
});

test('a state file that cannot be used is put aside', async () => {
  const { server, logger } = await start({ ...configured, STATE_DIR: brokenState() });
  expect((await fetch(`${server.url}/ping`)).status).toBe(200);
  expect(logger.text).toContain('saved state can not be used');
});

function brokenState(): string {
  const dir = stateDir();
  writeFileSync(join(dir, 'killmails.json'), '{"gateway":{"counts":"many"}}');
  return dir;
}
