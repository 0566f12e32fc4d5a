import { openClient, runNode } from '@roomcast/testing';
import { describe, expect, test } from 'vitest';

const run = (variables: Record<string, string>) => runNode(new URL('../src/main.ts', import.meta.url), variables);

describe('the program', () => {
  test('listens, serves, and leaves with 0 at SIGTERM', async () => {
    const { output, exited, kill, listening } = await run({ DEMO: '1', PORT: '0', DRAIN_MS: '3000' });
    const url = await listening();
    const client = await openClient(`${url.replace('http', 'ws')}/ws`);
    client.send({ message_type: 'ping', data: {} });
    expect(await client.nextJson()).toMatchObject({ message_type: 'pong' });
    kill('SIGTERM');
    expect((await client.waitForClose()).code).toBe(1012);
    expect(await exited).toEqual([0, null]);
    expect(output.err).toBe('');
  });

  test.each<[string, Record<string, string>]>([
    ['JWT_SECRET', {}],
    ['JWT_SECRET', { JWT_SECRET: 'too-short' }],
    ['MAX_AUTHS_PER_MINUTE', { DEMO: '1', MAX_AUTHS_PER_MINUTE: '0' }],
  ])('without a good %s is one line and exit 1', async (name, variables) => {
    const { output, exited } = await run({ PORT: '0', ...variables });
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(output.out).toBe('');
  });
});
