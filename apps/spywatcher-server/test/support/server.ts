import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer } from '@roomcast/server';
import { type ManualClock, next, RecordingLogger, turns } from '@roomcast/testing';
import { SignJWT } from 'jose';
import { io as connect, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { readSpywatcherEnvironment, type SpywatcherServerParts, startSpywatcherServer } from '../../src/index.js';

export const secret = 'a secret of the tests, 32 bytes or more';
const publishToken = 'a-publish-token';
export const adminToken = 'an-admin-token';

export interface Started extends RunningServer {
  logger: RecordingLogger;
  stateDir: string;
  client(options?: Partial<ManagerOptions & SocketOptions>): Socket;
  /** A client that is connected, with this token. */
  connected(token: string, options?: Partial<ManagerOptions & SocketOptions>): Promise<Socket>;
  /** A token of a demo identity. */
  token(identity: string): Promise<string>;
  publish(body: unknown): Promise<Response>;
  get(path: string, token?: string): Promise<Response>;
}

/** A token that the API's backend might have made. */
export function tokenOf(claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ discordId: '100', access: true, role: 'USER', guilds: ['1'], ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

/** Starts the server on a free port until the test is over. */
export async function start(
  variables: Record<string, string> = {},
  parts: Omit<SpywatcherServerParts, 'logger' | 'clock'> & { clock?: ManualClock } = {},
): Promise<Started> {
  const logger = new RecordingLogger();
  const stateDir = variables.STATE_DIR ?? mkdtempSync(join(tmpdir(), 'spywatcher-'));
  const env = readSpywatcherEnvironment({
    PORT: '0',
    JWT_SECRET: secret,
    PUBLISH_TOKEN: publishToken,
    ADMIN_TOKEN: adminToken,
    STATE_DIR: stateDir,
    MAX_CONNECTS_PER_IP_PER_MINUTE: '1000',
    ...variables,
  });
  const server = await startSpywatcherServer(env, { logger, ...parts });
  onTestFinished(async () => {
    let closed = false;
    const closing = server.close(2000).finally(() => {
      closed = true;
    });
    // Farewells wait on the clock, which nobody else moves any more.
    while (!closed) await (parts.clock?.advance(100) ?? turns());
    await closing;
    rmSync(stateDir, { recursive: true, force: true });
  });
  const client: Started['client'] = (options) => {
    const socket = connect(server.url, { reconnection: false, forceNew: true, transports: ['websocket'], ...options });
    onTestFinished(() => {
      socket.disconnect();
    });
    return socket;
  };
  return {
    ...server,
    logger,
    stateDir,
    client,
    async connected(token, options) {
      const socket = client({ auth: { token }, ...options });
      await next(socket, 'connect');
      return socket;
    },
    async token(identity) {
      const answer = await fetch(`${server.url}/demo/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ identity }),
      });
      return ((await answer.json()) as { token: string }).token;
    },
    publish: (body) =>
      fetch(`${server.url}/api/publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${publishToken}` },
        body: JSON.stringify(body),
      }),
    get: (path, token) =>
      fetch(`${server.url}${path}`, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
  };
}
