import type { RunningServer, ServerParts } from '@roomcast/server';
import { type ManualClock, openClient, RecordingLogger, type TestClient, turns } from '@roomcast/testing';
import { onTestFinished } from 'vitest';
import { readRaffleEnvironment, startRaffleServer } from '../../src/index.js';

export interface Started extends RunningServer {
  logger: RecordingLogger;
  /** A client that is connected to `/ws`. */
  client(path?: string): Promise<TestClient>;
  /** A token of a demo identity. */
  token(identity: string): Promise<string>;
  stats(path?: string): Promise<unknown>;
  publish(body: unknown): Promise<Response>;
}

const publishToken = 'a-publish-token';

/** Starts the server on a free port until the test is over. */
export async function start(
  variables: Record<string, string> = {},
  parts: Omit<ServerParts, 'logger' | 'clock'> & { clock?: ManualClock } = {},
): Promise<Started> {
  const logger = new RecordingLogger();
  const env = readRaffleEnvironment({ PORT: '0', DEMO: '1', PUBLISH_TOKEN: publishToken, ...variables });
  const server = await startRaffleServer(env, { logger, ...parts });
  onTestFinished(async () => {
    let closed = false;
    const closing = server.close(2000).finally(() => {
      closed = true;
    });
    // Farewells wait on the clock, which nobody else moves any more.
    while (!closed) await (parts.clock?.advance(100) ?? turns());
    await closing;
  });
  return {
    ...server,
    logger,
    client: (path = '/ws') => openClient(`${server.url.replace('http', 'ws')}${path}`),
    async token(identity) {
      const answer = await fetch(`${server.url}/demo/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ identity }),
      });
      return ((await answer.json()) as { token: string }).token;
    },
    stats: async (path = '/ws/stats') => (await fetch(`${server.url}${path}`)).json(),
    publish: (body) =>
      fetch(`${server.url}/api/publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${publishToken}` },
        body: JSON.stringify(body),
      }),
  };
}
