import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer, ServerParts } from '@roomcast/server';
import { ManualClock, openClient, RecordingLogger, type TestClient, turns } from '@roomcast/testing';
import type { SessionAnswer } from '@roomcast/vmax-protocol';
import { onTestFinished } from 'vitest';
import { readVmaxEnvironment, startVmaxServer } from '../../src/index.js';

export const secret = 'a secret of at least thirty-two bytes';
export const publishToken = 'publish-token-0123';
export const manager = { email: 'manager@paintballparadise.com', password: 'Password123!' };

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
}

export interface TestServer {
  running: RunningServer;
  logger: RecordingLogger;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  login(who?: { email: string; password: string }): Promise<SessionAnswer['data']>;
  refresh(refreshToken: string): Promise<Answer>;
  publish(events: unknown): Promise<Answer>;
  connect(token: string): Promise<TestClient>;
}

/** A server with demo data on a free port, until the test is over. */
export async function start(environment: Record<string, string> = {}, parts: ServerParts = {}): Promise<TestServer> {
  const logger = new RecordingLogger();
  const env = readVmaxEnvironment({
    PORT: '0',
    DEMO: '1',
    JWT_SECRET: secret,
    PUBLISH_TOKEN: publishToken,
    DRAIN_MS: '1000',
    ...environment,
  });
  const running = await startVmaxServer(env, { logger, ...parts });
  onTestFinished(async () => {
    let closed = false;
    const closing = running.close(200).finally(() => {
      closed = true;
    });
    // Farewells wait on the clock, which nobody else moves any more.
    while (!closed) await (parts.clock instanceof ManualClock ? parts.clock.advance(100) : turns());
    await closing;
  });
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(running.url + path, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const post: TestServer['post'] = (path, body, headers = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    running,
    logger,
    get: (path) => request(path),
    post,
    async login(who = manager) {
      const { status, body } = await post('/api/v1/auth/login', who);
      if (status !== 200) throw new Error(`expected 200, got ${status} ${JSON.stringify(body)}`);
      return body.data;
    },
    refresh: (refreshToken) => post('/api/v1/auth/refresh', { refreshToken }),
    publish: (events) => post('/api/publish', events, { authorization: `Bearer ${publishToken}` }),
    connect: (token) => openClient(`${running.url.replace('http', 'ws')}/ws?token=${token}`),
  };
}

/** An empty folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-vmax-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
