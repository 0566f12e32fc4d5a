import { next, runNode } from '@roomcast/testing';
import { io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { secret } from './support/server.js';

const run = (variables: Record<string, string>) => runNode(new URL('../src/main.ts', import.meta.url), variables);

describe('the program', () => {
  test('listens, serves, and leaves with 0 at SIGTERM; its clients come back to the next one', async () => {
    // Of a secret that both know the token is good with the next one, too.
    const variables = { DEMO: '1', JWT_SECRET: secret, DRAIN_MS: '3000' };
    const { output, exited, kill, listening } = await run({ ...variables, PORT: '0' });
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
    kill('SIGTERM');
    expect(await reason).toBe('transport close');
    expect(await exited).toEqual([0, null]);
    expect(output.err).toBe('');
    const isBack = next(socket, 'connect');
    await (await run({ ...variables, PORT: new URL(url).port })).listening();
    await isBack;
    expect(await socket.emitWithAck('subscribe:guild', '200000000000000001')).toEqual({ ok: true });
  });

  test.each<[string, Record<string, string>]>([
    ['JWT_SECRET', {}],
    ['ANALYTICS_THROTTLE_MS', { DEMO: '1', ANALYTICS_THROTTLE_MS: 'x' }],
  ])('without a good %s is one line and exit 1', async (name, variables) => {
    const { output, exited } = await run({ PORT: '0', ...variables });
    expect(await exited).toEqual([1, null]);
    expect(output.err).toMatch(new RegExp(`^${name}: expected [^\n]+\n$`));
    expect(output.out).toBe('');
  });
});
