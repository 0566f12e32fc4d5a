import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@roomcast/engine';
import { readSpywatcherEnvironment, startSpywatcherServer } from '@roomcast/spywatcher-server';
import { onSources } from '@roomcast/testing';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './support/run.js';

const mia = '100000000000000001';
const guild = '200000000000000001';

it('spywatcher/watch.mjs prints analytics and events of a guild', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'roomcast-examples-'));
  const env = readSpywatcherEnvironment({ PORT: '0', DEMO: '1', ANALYTICS_THROTTLE_MS: '500', STATE_DIR: stateDir });
  const server = await startSpywatcherServer(env, { logger: silentLogger });
  onTestFinished(async () => {
    await server.close(1000);
    await rm(stateDir, { recursive: true });
  });
  const answer = await fetch(`${server.url}/demo/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ identity: mia }),
  });
  const { token } = (await answer.json()) as { token: string };
  const seen = [
    `watching analytics:${guild} guild:${guild}`,
    new RegExp(`Z guild ${guild}: ghosts (none|\\w+ \\()`),
    new RegExp(`Z guild ${guild}: (message:new|presence:update|alert:multiClient|role:change|user:join) \\w+$`),
  ];
  const lines = await run('spywatcher', {
    command: process.execPath,
    args: [...onSources, 'watch.mjs', guild],
    env: { SPYWATCHER_URL: server.url, SPYWATCHER_TOKEN: token },
    until: (printed) => seen.every((one) => printed.some((line) => line.search(one) !== -1)),
  });
  expect(lines.length).toBeGreaterThanOrEqual(seen.length);
});
