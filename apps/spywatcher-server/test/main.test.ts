import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, next } from '@roomcast/testing';
import { io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { secret } from './support/server.js';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** Runs the program with these variables and none of ours. */
function run(variables: Record<string, string>) {
  const stateDir = mkdtempSync(join(tmpdir(), 'spywatcher-'));
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', STATE_DIR: stateDir, ...variables },
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
    rmSync(stateDir, { recursive: true, force: true });
  });
  const listening = async () => {
    const line = await eventually(
      () => output.out.split('\n').find((text) => text.includes('"msg":"listening"')),
      'the line that says it listens',
      30_000,
    );
    return (JSON.parse(line) as { url: string }).url;
  };
  return { child, output, exited, listening };
}

describe('the program', () => {
  test('listens, serves, and leaves with 0 at SIGTERM; its clients come back to the next one', async () => {
    // Of a secret that both know the token is good with the next one, too.
    const variables = { DEMO: '1', JWT_SECRET: secret, DRAIN_MS: '3000' };
    const { child, output, exited, listening } = run({ ...variables, PORT: '0' });
    const url = await listening();
    const answer = await fetch(`${url}/demo/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ identity: '100000000000000001' }),
    });
    const { token } = (await answer.json()) as { token: string };
    const socket = io(url, { auth: { token }, transports: ['websocket'], reconnectionDelay: 50 });
    onTestFinished(() => {
      socket.disconnect();
    });
    await next(socket, 'connect');
    const reason = next(socket, 'disconnect');
    child.kill('SIGTERM');
    expect(await reason).toBe('transport close');
    expect(await exited).toEqual([0, null]);
    expect(output.err).toBe('');
    const isBack = next(socket, 'connect');
    await run({ ...variables, PORT: new URL(url).port }).listening();
    await isBack;
    expect(await socket.emitWithAck('subscribe:guild', '200000000000000001')).toEqual({ ok: true });
  });

  test.each<[string, Record<string, string>]>([
    ['JWT_SECRET', {}],
    ['ANALYTICS_THROTTLE_MS', { DEMO: '1', ANALYTICS_THROTTLE_MS: 'x' }],
  ])(
    'without a good %s is one line and exit 1',
    async (name, variables) => {
      const { output, exited } = run({ PORT: '0', ...variables });
      expect(await exited).toEqual([1, null]);
      expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
      expect(output.out).toBe('');
    },
    60_000,
  );
});
