import { inspect } from 'node:util';
import { eventually } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ConnectionRefusedError, type WebSocketLike } from '../src/index.js';
import { connect, startServer } from './support/client.js';

describe('a refused connection', () => {
  it.each([
    [403, /HTTP 403: the token is missing, shorter than 8 characters or unknown.*origin/],
    [401, /HTTP 401: the token/],
    [404, /HTTP 404: no socket answers at this path; expected one that ends in \/socket/],
  ])('with HTTP %d tells the status and the likely cause, and ready rejects', async (status, message) => {
    const server = await startServer();
    server.refuse = status;
    const { client, errors } = connect(server.url, { token: 'secret-token' });
    await expect(client.ready).rejects.toBe(await eventually(() => errors[0]));
    expect(errors[0]).toBeInstanceOf(ConnectionRefusedError);
    expect(errors[0]).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it.each([
    [429, /limits connections or refused attempts/],
    [503, /takes no more connections, or is restarting/],
    [500, /HTTP 500$/],
  ])('with HTTP %d is waited out', async (status, message) => {
    const server = await startServer();
    server.refuse = status;
    const { client, errors } = connect(server.url);
    await eventually(() => errors.length >= 2);
    server.refuse = undefined;
    await client.ready;
    expect(errors[0]).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('is tried again with the token of then', async () => {
    const server = await startServer();
    server.refuse = ({ searchParams }) => (searchParams.get('token') === 'new-token' ? undefined : 403);
    let token = 'old-token';
    const { client, errors } = connect(server.url, { token: () => token });
    await eventually(() => errors.length >= 1);
    token = 'new-token';
    await eventually(() => client.state === 'live');
    expect(server.tokens.at(0)).toBe('old-token');
    expect(server.tokens.at(-1)).toBe('new-token');
  });

  it('never shows the token', async () => {
    const server = await startServer();
    server.refuse = 403;
    const { errors } = connect(server.url, { token: 'secret-token' });
    await eventually(() => errors.length >= 1);
    await server.close();
    await eventually(() => errors.some(({ message }) => message.includes('ECONNREFUSED')));
    expect(server.tokens).toContain('secret-token');
    expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain('secret-token');
  });

  it('on a platform that tells no more says what to check', async () => {
    class Failing implements WebSocketLike {
      readonly bufferedAmount = 0;
      binaryType = 'blob';
      onopen = null;
      onmessage = null;
      onerror: ((event: never) => void) | null = null;
      onclose: ((event: never) => void) | null = null;

      constructor(readonly url: string) {
        queueMicrotask(() => {
          this.onerror?.({ type: 'error' } as never);
          this.onclose?.({ code: 1006, reason: '' } as never);
        });
      }

      send(): void {}
      close(): void {}
    }
    const { errors } = connect('wss://kills.example', { token: 'secret-token', WebSocket: Failing });
    await eventually(() => errors.length >= 1);
    expect(errors[0]).toMatchObject({
      name: 'ConnectionRefusedError',
      status: undefined,
      message: expect.stringMatching(
        /^wss:\/\/kills.example\/socket\/websocket refused the connection or could not be reached/,
      ),
    });
  });

  it('by a constructor that throws is told', async () => {
    class Throwing {
      constructor() {
        throw new Error('mixed content');
      }
    }
    const { errors } = connect('ws://kills.example', { WebSocket: Throwing as never });
    await eventually(() => errors.length >= 2);
    expect(errors[0]?.message).toContain('mixed content');
  });
});
