import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@roomcast/engine';
import { readKillmailsEnvironment, startKillmailsServer } from '@roomcast/killmails-server';
import { onSources } from '@roomcast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/run.js';

type Server = Awaited<ReturnType<typeof startKillmailsServer>>;

const missing = (process.env.ROOMCAST_MISSING ?? '').split(',');
const token = 'a-publish-token';

let server: Server;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'roomcast-examples-'));
  const env = { PORT: '0', DEMO: '1', KILLMAILS_UPSTREAM: 'none', PUBLISH_TOKEN: token, STATE_DIR: stateDir };
  server = await startKillmailsServer(readKillmailsEnvironment(env), { logger: silentLogger });
});

afterAll(async () => {
  await server.close(1000);
  await rm(stateDir, { recursive: true });
});

let nextId = 1;

async function publish(): Promise<void> {
  const response = await fetch(`${server.url}/api/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({
      killmail_id: nextId++,
      killmail_time: '2026-01-01T12:00:00Z',
      solar_system_id: 30000142,
      victim: { character_name: 'Pim', ship_type_name: 'Rifter' },
      attackers: [],
    }),
  });
  expect(response.status).toBe(202);
}

/** Runs an example until it has printed that it watches, a kill and a count. */
function watch(command: string, args: string[]): Promise<string[]> {
  return run('killmails', {
    command,
    args: [...args, '30000142', '30002187'],
    env: { KILLMAILS_URL: server.url.replace('http', 'ws'), KILLMAILS_TOKEN: 'test-token' },
    async until(lines) {
      if (lines.length === 1) await publish();
      return lines.length === 3;
    },
  });
}

function expectKill(lines: string[]): void {
  expect(lines[0]?.replaceAll(' ', '')).toBe('watching[30000142,30002187]');
  expect(lines).toContain('2026-01-01T12:00:00Z system 30000142: Pim lost a Rifter');
  expect(lines).toContainEqual(expect.stringMatching(/^system 30000142: \d+ kills in the last day$/));
}

describe('the killmails examples print the kills of the systems they are given', () => {
  it('watch.mjs, on our client', async () => {
    expectKill(await watch(process.execPath, [...onSources, 'watch.mjs']));
  });

  it('watch-official.mjs, on the official Phoenix client', async () => {
    expectKill(await watch(process.execPath, ['watch-official.mjs']));
  });

  it.skipIf(missing.includes('python3-websockets'))('watch.py, on websockets for Python', async () => {
    expectKill(await watch('/usr/bin/python3', ['watch.py']));
  });
});
