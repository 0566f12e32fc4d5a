import { inspect } from 'node:util';
import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { TokenRequest, WebSocketLike } from '../src/index.js';
import { connect, startServer } from './support/client.js';
import { accepts, staysSilent, turnsAway, welcomes } from './support/vmax-server.js';

describe('a lost connection', () => {
  it('comes back, whatever it was closed with', async () => {
    const server = await startServer();
    const { client, errors, opened } = connect(server.url);
    await client.ready;
    for (const [index, code] of [1000, 1001, 1008, 1011, 1012, 1013].entries()) {
      server.session.socket.close(code, 'because');
      await opened(index + 2);
    }
    expect(errors).toHaveLength(6);
    expect(errors[3]).toMatchObject({ name: 'ConnectionLostError', code: 1011, reason: 'because' });
  });

  it('is noticed by a PING that stays unanswered', async () => {
    const server = await startServer();
    const { client, errors, opened } = connect(server.url, { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 40 });
    await client.ready;
    await eventually(() => server.session.received.filter(({ type }) => type === 'PING').length >= 2);
    expect(errors).toEqual([]);
    const { onMessage } = server;
    server.onMessage = () => {};
    await eventually(() => errors.length === 1);
    server.onMessage = onMessage;
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'a heartbeat', timeoutMs: 40 }]);
    await opened(2);
  });

  it('may also be one that was never welcomed', async () => {
    const server = await startServer();
    server.onConnect = staysSilent;
    const { client, errors, opened } = connect(server.url, { connectTimeoutMs: 40 });
    await eventually(() => errors.length >= 1);
    expect(errors[0]).toMatchObject({ name: 'TimeoutError', operation: 'connecting', timeoutMs: 40 });
    server.onConnect = welcomes();
    await client.ready;
    await opened(1);
  });
});

describe('an expired token', () => {
  it('is replaced at once', async () => {
    const server = await startServer();
    server.onConnect = accepts('token-1');
    const requests: TokenRequest[] = [];
    const { client, changes, opened } = connect(server.url, {
      baseMs: 10_000,
      capMs: 10_000,
      token: async (request) => `token-${requests.push(request)}`,
    });
    await client.ready;
    server.onConnect = accepts('token-2');
    server.session.turnAway(4002);
    await opened(2);
    expect(requests).toEqual([{ refresh: false }, { refresh: true }]);
    expect(changes.find(({ state }) => state === 'waiting')).toMatchObject({
      retryInMs: 0,
      error: { name: 'ConnectionLostError', code: 4002, reason: 'Invalid token' },
    });
  });

  it('again and again slows the client down', async () => {
    const server = await startServer();
    server.onConnect = turnsAway(4002);
    const { changes } = connect(server.url, { baseMs: 4, capMs: 16, random: () => 0.5 });
    const waits = () => changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    await eventually(() => waits().length >= 5);
    expect(waits().slice(0, 5)).toEqual([0, 4, 8, 8, 8]);
  });

  it('that is a fixed text ends the client, and says what to do', async () => {
    const server = await startServer();
    server.onConnect = turnsAway(4002);
    const { client, errors } = connect(server.url, { token: 'secret-token' });
    await expect(client.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
    expect(client.state).toBe('failed');
    expect(errors[0]?.message).toMatch(/4002: Invalid token; the token is a fixed text .* pass a function/);
    await expect(client.subscribeToFleet('f-1')).rejects.toBe(errors[0]);
    expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain('secret-token');
  });
});

describe('no token', () => {
  it('for the server ends the client', async () => {
    const server = await startServer();
    server.onConnect = turnsAway(4001);
    const { client, errors, messages, changes } = connect(server.url);
    await expect(client.ready).rejects.toMatchObject({
      name: 'ConnectionLostError',
      code: 4001,
      reason: 'Authentication required',
    });
    expect(client.state).toBe('failed');
    expect(client.status).toBe('disconnected');
    expect(errors).toHaveLength(1);
    expect(changes.at(-1)).toMatchObject({ state: 'failed', error: errors[0] });
    expect(messages).toMatchObject([{ type: 'ERROR', payload: { message: 'Authentication required' } }]);
    expect(server.sessions).toHaveLength(1);
    await client.disconnect();
    expect(client.state).toBe('closed');
  });
});

describe('a refused connection', () => {
  it.each([
    [403, /HTTP 403: the server does not allow this origin$/, true],
    [404, /HTTP 404: no WebSocket answers at this path; expected one that ends in \/ws$/, true],
    [429, /HTTP 429: the server limits connections/, false],
    [503, /HTTP 503: the server takes no more connections, or is restarting$/, false],
  ])('with HTTP %d names the likely cause', async (status, message, hopeless) => {
    const server = await startServer();
    server.refuseWith = status;
    const { client, errors, opened } = connect(server.url);
    await eventually(() => errors.length >= 1);
    expect(errors[0]).toMatchObject({
      name: 'ConnectionRefusedError',
      status,
      message: expect.stringMatching(message),
    });
    expect(server.requests).toEqual([]);
    server.refuseWith = undefined;
    await opened(1);
    if (hopeless) await expect(client.ready).rejects.toBe(errors[0]);
    else await client.ready;
  });

  it('because nothing listens says so, and shows no token', async () => {
    const server = await startServer();
    await server.close();
    const { errors } = connect(server.url, { token: 'secret-token' });
    await eventually(() => errors.length >= 2);
    expect(errors[0]?.message).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws could not be reached: .*ECONNREFUSED/);
    expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain('secret-token');
  });

  describe('on a platform that does not tell why', () => {
    /** As browsers do: whatever happened, an event without an error, and 1006. */
    class Refused implements WebSocketLike {
      readonly bufferedAmount = 0;
      binaryType = 'blob';
      onopen = null;
      onmessage = null;
      onerror: ((event: never) => void) | null = null;
      onclose: ((event: never) => void) | null = null;

      constructor() {
        queueMicrotask(() => {
          this.onerror?.({ type: 'error' } as never);
          this.onclose?.({ code: 1006, reason: '' } as never);
        });
      }

      send(): void {}
      close(): void {}
    }

    it.each<[string, number | undefined, boolean, RegExp]>([
      [
        'a healthy server',
        200,
        true,
        /the server is up .*\/health answers\), so it has no WebSocket at this path, takes/,
      ],
      ['another server', 404, true, /\/health answers with HTTP 404: this may be another server$/],
      ['one that pages may not read', undefined, true, /\/health answers, .* the server does not allow this origin$/],
      ['nobody', undefined, false, /\/health does not answer either: there is no server, or no way to it$/],
    ])('is looked into over HTTP: %s answers', async (_who, status, isThere, message) => {
      const asked: string[] = [];
      const fetch = async (url: unknown, init?: RequestInit) => {
        asked.push(`${init?.mode ?? 'cors'} ${url}`);
        if (init?.mode === 'no-cors' ? !isThere : status === undefined) throw new TypeError('Failed to fetch');
        return new Response('{}', { status: status ?? 200 });
      };
      const { client, errors } = connect('wss://vmax.example/ws', { WebSocket: Refused, fetch });
      await eventually(() => errors.length >= 1);
      await client.disconnect();
      expect(errors[0]).toMatchObject({
        name: 'ConnectionRefusedError',
        status: undefined,
        message: expect.stringMatching(message),
      });
      expect(errors[0]?.message).toMatch(/^wss:\/\/vmax\.example\/ws refused the connection or could not be reached/);
      expect(asked[0]).toBe('cors https://vmax.example/health');
    });

    it('is not looked into any further once the client is disconnected', async () => {
      let asked = 0;
      const fetch = (_url: unknown, init?: RequestInit) =>
        new Promise<Response>((_resolve, reject) => {
          asked += 1;
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        });
      const { client, errors } = connect('wss://vmax.example/ws', {
        WebSocket: Refused,
        fetch,
        baseMs: 60_000,
        capMs: 60_000,
      });
      await eventually(() => asked === 1);
      await client.disconnect();
      await turns(3);
      expect(asked).toBe(1);
      expect(errors).toEqual([]);
    });
  });
});
