import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, openClient } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** Runs the program with these variables and none of ours. */
function run(variables: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const exited = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, output, exited };
}

describe('the program', () => {
  test('listens, serves, and leaves with 0 at SIGTERM', async () => {
    const { child, output, exited } = run({ DEMO: '1', PORT: '0', DRAIN_MS: '3000' });
    const line = await eventually(
      () => output.out.split('\n').find((text) => text.includes('"msg":"listening"')),
      'the line that says it listens',
    );
    const { url } = JSON.parse(line) as { url: string };
    const answer = await fetch(`${url}/demo/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ identity: '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001' }),
    });
    const { token } = (await answer.json()) as { token: string };
    const headers = { Authorization: `Bearer ${token}` };
    const client = await openClient(`${url.replace('http', 'ws')}/websocket/connect`, { headers });
    expect(await client.nextJson()).toMatchObject({ type: 'system_notification' });
    expect(output.out).not.toContain(token);
    child.kill('SIGTERM');
    expect((await client.waitForClose()).code).toBe(1012);
    expect(await exited).toEqual([0, null]);
    expect(output.err).toBe('');
  });

  test.each<[string, Record<string, string>]>([
    ['JWT_SECRET', {}],
    ['JWT_SECRET', { JWT_SECRET: 'too-short' }],
    ['MAX_DATA_BYTES', { DEMO: '1', MAX_DATA_BYTES: '0' }],
    ['DIRECTORY_FILE', { DEMO: '1', DIRECTORY_FILE: '/nowhere/directory.json' }],
  ])('without a good %s is one line and exit 1', async (name, variables) => {
    const { output, exited } = run({ PORT: '0', ...variables });
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(output.out).toBe('');
  });
});
