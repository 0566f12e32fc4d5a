import type { RunningServer, ServerParts } from '@roomcast/server';
import { type ManualClock, openClient, RecordingLogger, type TestClient, turns } from '@roomcast/testing';
import { SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { readFalconEnvironment, startFalconServer } from '../../src/index.js';

export const secret = 'a secret of at least thirty-two bytes';
export const publishToken = 'publish-token-0123';
export const adminToken = 'admin-token-0123';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
}

export interface Started extends RunningServer {
  logger: RecordingLogger;
  request(path: string, init?: RequestInit): Promise<Answer>;
  /** As the holder of `ADMIN_TOKEN`. */
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  publish(body: unknown): Promise<Answer>;
  /** A client that has been told who it is. */
  client(claims?: object): Promise<TestClient & { connection: string }>;
}

/** A server without demo data on a free port, until the test is over. */
export async function start(
  variables: Record<string, string> = {},
  parts: Omit<ServerParts, 'logger' | 'clock'> & { clock?: ManualClock } = {},
): Promise<Started> {
  const logger = new RecordingLogger();
  const env = readFalconEnvironment({
    PORT: '0',
    JWT_SECRET: secret,
    PUBLISH_TOKEN: publishToken,
    ADMIN_TOKEN: adminToken,
    ...variables,
  });
  const server = await startFalconServer(env, { logger, ...parts });
  onTestFinished(async () => {
    let closed = false;
    const closing = server.close(2000).finally(() => {
      closed = true;
    });
    // Farewells wait on the clock, which nobody else moves any more.
    while (!closed) await (parts.clock?.advance(100) ?? turns());
    await closing;
  });
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const post =
    (token: string) =>
    (path: string, body: unknown, headers: Record<string, string> = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
  return {
    ...server,
    logger,
    request,
    get: (path) => request(path, { headers: { Authorization: `Bearer ${adminToken}` } }),
    post: post(adminToken),
    publish: (body) => post(publishToken)('/api/publish', body),
    async client(claims = {}) {
      const headers = { Authorization: `Bearer ${await tokenOf(claims)}` };
      const client = await openClient(`${server.url.replace('http', 'ws')}/websocket/connect`, { headers });
      const { data } = await client.nextJson<{ data: { connection_id: string } }>();
      await told(client);
      return Object.assign(client, { connection: data.connection_id });
    },
  };
}

/** A token with these claims beside those that every token has. */
export function tokenOf(claims: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { user_id: 'ada', character_id: 123, character_name: 'Ada', scopes: 'read', iss: 'go-falcon' };
  return new SignJWT({ ...usual, iat: now, exp: now + 3600, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}

export interface Frame {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
  data: any;
  id?: string;
}

/** Everything that came before the answer to a ping sent now. */
export async function told(client: TestClient): Promise<Frame[]> {
  client.send({ type: 'system', data: { action: 'ping' }, id: 'told' });
  const frames: Frame[] = [];
  for (;;) {
    const frame = await client.nextJson<Frame>();
    if (frame.id === 'told') return frames;
    frames.push(frame);
  }
}
