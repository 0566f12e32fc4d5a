import { openClient, runNode } from '@roomcast/testing';
import { describe, expect, test } from 'vitest';

const run = (variables: Record<string, string>) => runNode(new URL('../src/main.ts', import.meta.url), variables);

describe('the program', () => {
  test('listens, serves, and leaves with 0 at SIGTERM', async () => {
    const { output, exited, kill, listening } = await run({ DEMO: '1', PORT: '0', DRAIN_MS: '3000' });
    const url = await listening();
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
    kill('SIGTERM');
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
    const { output, exited } = await run({ PORT: '0', ...variables });
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(output.out).toBe('');
  });
});
