import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, runNode } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { r2z2Body } from './support/kills.js';
import { joinLobby } from './support/lobby.js';
import { R2z2Server } from './support/r2z2-server.js';
import { unreachable } from './support/unreachable.js';

const run = (variables: Record<string, string>) => runNode(new URL('../src/main.ts', import.meta.url), variables);

describe('running', () => {
  test('listens, serves, and leaves with 0 at SIGTERM within DRAIN_MS', async () => {
    const { output, exited, kill, listening } = await run({ DEMO: '1', PORT: '0', DRAIN_MS: '3000' });
    const url = await listening();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = await joinLobby(url, 'test-token', { systems: [30000142] });
    const before = performance.now();
    kill('SIGTERM');
    expect((await client.waitForClose()).code).toBe(1012);
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(output.err).toBe('');
  });

  test('keeps its place in the feed and its counts from one run to the next', async () => {
    const r2z2 = await new R2z2Server().start();
    r2z2.sequence(7);
    r2z2.putAll(7, [r2z2Body(20)]);
    const system = (r2z2Body(20).esi as { solar_system_id: number }).solar_system_id;
    const stateDir = mkdtempSync(join(tmpdir(), 'roomcast-killmails-'));
    onTestFinished(() => rmSync(stateDir, { recursive: true }));
    const variables = {
      KILLMAILS_TOKENS: 'client-token',
      KILLMAILS_UPSTREAM: 'r2z2',
      R2Z2_URL: r2z2.url,
      ESI_URL: await unreachable(),
      PORT: '0',
      STATE_DIR: stateDir,
    };
    const first = await run(variables);
    await first.listening();
    await eventually(() => r2z2.asked.includes('8'), 'the first killmail');
    first.kill('SIGINT');
    expect(await first.exited).toEqual([0, null]);
    const asked = r2z2.asked.length;
    const url = await (await run(variables)).listening();
    await eventually(() => r2z2.asked.length > asked, 'the next request');
    expect(r2z2.asked[asked]).toBe('8');
    const count = await (await fetch(`${url}/api/v1/kills/count/${system}`)).json();
    expect(count).toMatchObject({ data: { count: 1 } });
  });
});

describe('a bad environment is one line and exit 1', () => {
  test.each([
    ['KILLMAILS_TOKENS', {}],
    ['KILLMAILS_TOKENS', { KILLMAILS_TOKENS: 'good-token,s3cret' }],
    ['PORT', { DEMO: '1', PORT: 'http' }],
  ])('%s of %j', async (name, variables: Record<string, string>) => {
    const { output, exited } = await run({ PORT: '0', ...variables });
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(output.err).not.toContain('s3cret');
    expect(output.out).toBe('');
  });
});
