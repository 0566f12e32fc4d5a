import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { eventually, listen, openClient, runNode } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './support/files.js';

const JWT_SECRET = 'a secret that must not be in any log line';

/** Runs the program until it ends or the test is over. */
async function run(env: Record<string, string> = {}) {
  const program = await runNode(new URL('./support/program.ts', import.meta.url), { JWT_SECRET, ...env });
  const lines = () =>
    program.output.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { msg: string; level: number });
  return { ...program, lines };
}

describe('a program', () => {
  test('logs JSON lines, among them where it listens', async () => {
    const { listening, lines } = await run();
    const url = await listening();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(lines().every(({ msg, level }) => typeof msg === 'string' && typeof level === 'number')).toBe(true);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ JWT_SECRET: '' }, /^JWT_SECRET: expected at least 32 bytes .*, got nothing\n$/],
    [{ PORT: 'x' }, /^PORT: expected a whole number from 0 to 65535, got "x"\n$/],
    [{ REDIS_URL: 'redis://user:hunter2@host' }, /^REDIS_URL: expected to be unset: .*\n$/],
    [{ HANG: 'x' }, /^HANG: expected a whole number, 0 or more, got "x"\n$/],
    [{ STATE_DIR: '/dev/null/state' }, /^STATE_DIR: expected a folder that can be written, got ENOTDIR at .*\n$/],
    [{ TLS_CERT_FILE: '/nowhere', TLS_KEY_FILE: '/nowhere' }, /^TLS_CERT_FILE: expected a file that can be read.*\n$/],
  ])('with %o prints one line and exits with 1', async (env, line) => {
    const { exited, output } = await run(env);
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(line);
    expect(output.err.split('\n')).toHaveLength(2);
    expect(output.err).not.toContain('hunter2');
    expect(output.out).toBe('');
  });

  test('whose port is taken prints one line and exits with 1', async () => {
    const { port, close } = await listen(createServer());
    onTestFinished(close);
    const { exited, output } = await run({ PORT: String(port) });
    expect((await exited)[0]).toBe(1);
    expect(output.err).toMatch(/^can't listen on 127\.0\.0\.1 port \d+: something else listens there already.*\n$/);
    expect(output.err.split('\n')).toHaveLength(2);
  });

  test('that breaks logs why, without secrets, and exits with 1', async () => {
    const { exited, output, lines } = await run({ BREAK: '1' });
    expect((await exited)[0]).toBe(1);
    expect(lines().at(-1)?.msg).toBe('an error that nothing caught: exiting');
    expect(output.out + output.err).not.toContain(JWT_SECRET);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('lets the sessions go, saves the state, and ends with 0', async () => {
    const STATE_DIR = join(temporaryFolder(), 'state');
    const { kill, listening, exited, output, lines } = await run({ STATE_DIR, PUBLISH_TOKEN: 'publish-token' });
    const url = await listening();
    const client = await openClient(`${url.replace('http', 'ws')}/ws?token=hunter22`);
    const headers = { authorization: 'Bearer publish-token', 'content-type': 'application/json' };
    const body = JSON.stringify({ room: 'lobby', text: 'hello' });
    expect((await fetch(`${url}/api/publish`, { method: 'POST', headers, body })).status).toBe(202);
    kill(signal);
    expect(await client.waitForClose()).toMatchObject({ code: 1012 });
    expect(await exited).toEqual([0, null]);
    expect(lines().map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
    expect(JSON.parse(readFileSync(join(STATE_DIR, 'chat.json'), 'utf8'))).toEqual({ seen: ['hello'] });
    for (const secret of [JWT_SECRET, 'publish-token', 'hunter22']) {
      expect(output.out + output.err).not.toContain(secret);
    }
  });

  test('right after the line that says it listens is not too early', async () => {
    const { kill, listening, exited } = await run();
    await listening();
    kill(signal);
    expect((await exited)[0]).toBe(0);
  });

  test('a second time ends it at once', async () => {
    const { kill, listening, lines, exited } = await run({ HANG: '1', DRAIN_MS: '60000' });
    await listening();
    kill(signal);
    await eventually(() => lines().some(({ msg }) => msg === 'stopping'), 'the first signal');
    kill(signal);
    expect(await exited).toEqual([signal === 'SIGTERM' ? 143 : 130, null]);
  });
});

test('a shutdown that hangs is ended after DRAIN_MS, with 1', async () => {
  const STATE_DIR = join(temporaryFolder(), 'state');
  const { kill, listening, exited, lines } = await run({ HANG: '1', DRAIN_MS: '300', STATE_DIR });
  await listening();
  kill('SIGTERM');
  expect((await exited)[0]).toBe(1);
  expect(lines().at(-1)?.msg).toBe('stopping failed');
  expect(existsSync(join(STATE_DIR, 'chat.json'))).toBe(true);
});
