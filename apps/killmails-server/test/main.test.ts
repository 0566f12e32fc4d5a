import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { r2z2Body } from './support/kills.js';
import { joinLobby } from './support/lobby.js';
import { R2z2Server } from './support/r2z2-server.js';
import { unreachable } from './support/unreachable.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const stateDir = () => mkdtempSync(join(tmpdir(), 'roomcast-killmails-'));

interface Program {
  child: ChildProcess;
  exited: Promise<[number | null, NodeJS.Signals | null]>;
  output(): string;
  errors(): string;
}

/** Runs the program with these variables and none of ours. */
function run(variables: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = once(child, 'close') as Program['exited'];
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited, output: () => output, errors: () => errors };
}

/** The URL in the line that says the server listens. */
async function listening({ output, errors }: Program): Promise<string> {
  const line = await eventually(
    () =>
      output()
        .split('\n')
        .find((text) => text.includes('"msg":"listening"')),
    `the line that says it listens (${errors()})`,
  );
  return (JSON.parse(line) as { url: string }).url;
}

describe('running', () => {
  test('listens, serves, and leaves with 0 at SIGTERM within DRAIN_MS', async () => {
    const program = run({ DEMO: '1', PORT: '0', STATE_DIR: stateDir(), DRAIN_MS: '12000' });
    const url = await listening(program);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = await joinLobby(url, 'test-token', { systems: [30000142] });
    const before = performance.now();
    program.child.kill('SIGTERM');
    expect((await client.waitForClose()).code).toBe(1012);
    expect(await program.exited).toEqual([0, null]);
    expect(performance.now() - before).toBeLessThan(12_000);
    expect(program.errors()).toBe('');
  });

  test('keeps its place in the feed and its counts from one run to the next', async () => {
    const r2z2 = await new R2z2Server().start();
    r2z2.sequence(7);
    r2z2.putAll(7, [r2z2Body(20)]);
    const system = (r2z2Body(20).esi as { solar_system_id: number }).solar_system_id;
    const variables = {
      KILLMAILS_TOKENS: 'client-token',
      KILLMAILS_UPSTREAM: 'r2z2',
      R2Z2_URL: r2z2.url,
      ESI_URL: await unreachable(),
      PORT: '0',
      STATE_DIR: stateDir(),
    };
    const first = run(variables);
    await listening(first);
    await eventually(() => r2z2.asked.includes('8'), 'the first killmail');
    first.child.kill('SIGINT');
    expect(await first.exited).toEqual([0, null]);
    const asked = r2z2.asked.length;
    const second = run(variables);
    const url = await listening(second);
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
    const program = run({ PORT: '0', STATE_DIR: stateDir(), ...variables });
    expect(await program.exited).toEqual([1, null]);
    expect(program.errors()).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(program.errors()).not.toContain('s3cret');
    expect(program.output()).toBe('');
  });
});
