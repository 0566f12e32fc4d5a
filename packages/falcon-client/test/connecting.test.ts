import { inspect } from 'node:util';
import { eventually, ManualClock, TcpProxy, turns } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectionState, createFalconClient, type TokenRequest, type WebSocketLike } from '../src/index.js';
import { connect, startServer } from './support/client.js';

describe('the state', () => {
  it('is one that a person can be shown', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown: ConnectionState[] = [client.connectionState];
    client.on('connection', () => {
      if (shown.at(-1) !== client.connectionState) shown.push(client.connectionState);
    });
    await eventually(() => shown.at(-1) === 'connected');
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await eventually(() => server.sessions.length === 1 && shown.at(-1) === 'reconnecting');
    server.refuseWith = () => undefined;
    await eventually(() => shown.at(-1) === 'connected');
    await client.disconnect();
    expect(shown).toEqual(['disconnected', 'connecting', 'connected', 'reconnecting', 'connected', 'disconnected']);
  });
});

describe('a lost connection', () => {
  it('comes back after growing, random pauses', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    server.refuseWith = () => 503;
    const { client, changes } = connect(server.url, { clock, random: () => 0.5, baseMs: 1000, capMs: 4000 });
    const waits = () => changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    for (const waitMs of [500, 1000, 2000, 2000]) {
      await eventually(() => client.state === 'waiting');
      expect(waits().at(-1)).toBe(waitMs);
      await clock.advance(waitMs);
    }
    server.refuseWith = () => undefined;
    await eventually(() => client.state === 'waiting');
    client.connect();
    await eventually(() => client.state === 'open');
  });

  it('is noticed by a heartbeat that nothing answers', async () => {
    const server = await startServer();
    const proxy = await TcpProxy.to(server.port);
    onTestFinished(() => proxy.close());
    const clock = new ManualClock();
    const { client, errors, opened } = connect(`ws://127.0.0.1:${proxy.port}`, { clock });
    await opened(1);
    const beats = () => server.session.received.filter(({ type }) => type === 'heartbeat').length;
    await eventually(() => beats() === 1);
    await clock.advance(30_000);
    await eventually(() => beats() === 2);
    await turns(5);
    await clock.advance(10_000);
    expect(client.state).toBe('open');
    proxy.hold();
    await clock.advance(30_000);
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'a heartbeat' }]);
    expect(client.connectionState).toBe('reconnecting');
  });
});

describe('credentials', () => {
  it('are the token of the provider in Node, asked for at each attempt, anew where it was refused', async () => {
    const server = await startServer();
    server.refuseWith = ({ authorization }) => (authorization === 'Bearer token-2' ? undefined : 401);
    const requests: TokenRequest[] = [];
    const { client, errors, opened } = connect(server.url, {
      token: async (request) => `token-${requests.push(request)}`,
    });
    await opened(1);
    expect(server.session.headers.authorization).toBe('Bearer token-2');
    expect(errors).toMatchObject([{ name: 'ConnectionRefusedError', status: 401 }]);
    server.refuseWith = ({ authorization }) => (authorization === 'Bearer token-3' ? undefined : 401);
    server.session.socket.close(4401, 'Token expired');
    await opened(2);
    expect(requests).toEqual([{ refresh: false }, { refresh: true }, { refresh: true }]);
    expect(client.state).toBe('open');
    expect(inspect(errors, { depth: 10 })).not.toContain('token-1');
  });

  it('may be the cookie alone', async () => {
    const server = await startServer();
    const { opened } = connect(server.url);
    await opened(1);
    expect(server.session.headers.authorization).toBeUndefined();
  });

  it('that are refused say what is wrong', async () => {
    const server = await startServer();
    server.refuseWith = () => 401;
    const { client, errors } = connect(server.url);
    await expect(client.ready).rejects.toThrow('or in browsers the cookie falcon_auth_token, is missing');
    expect(errors[0]).toMatchObject({ name: 'ConnectionRefusedError', status: 401 });
    expect(client.connectionState).toBe('reconnecting');
  });

  it('that are a fixed text end the client when they are refused', async () => {
    const server = await startServer();
    const { client, errors, opened } = connect(server.url, { token: 'fixed' });
    await opened(1);
    server.session.socket.close(4401, 'Token expired');
    await eventually(() => client.state === 'failed');
    expect(errors).toMatchObject([{ name: 'CredentialsRefusedError' }]);
  });
});

describe('disconnect', () => {
  it('leaves nothing, and tells nobody', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, changes, opened } = connect(server.url, { clock });
    client.join('general');
    client.followPresence('bob');
    await opened(1);
    await server.connection(1, 'join general');
    const told = changes.length;
    await client.disconnect();
    await client.disconnect();
    await eventually(() => server.session.closedWith === 1000);
    expect(clock.pending).toBe(0);
    expect(changes.length - told).toBeLessThanOrEqual(1);
    expect(client.rooms).toEqual([]);
    expect(() => client.connect()).toThrow('closed');
  });

  it('may come before anything else', async () => {
    const server = await startServer();
    const client = createFalconClient({ url: server.url });
    await client.disconnect();
    await expect(client.ready).rejects.toMatchObject({ name: 'ClientClosedError' });
    await turns(5);
    expect(server.sessions).toEqual([]);
  });
});

describe('options', () => {
  it.each([
    ['ws://h:3000', 'ws://h:3000/websocket/connect?notify_missed=true'],
    ['http://h', 'ws://h/websocket/connect?notify_missed=true'],
    ['https://h/', 'wss://h/websocket/connect?notify_missed=true'],
    ['wss://h/behind/a/proxy?x=1', 'wss://h/behind/a/proxy?x=1&notify_missed=true'],
    [undefined, 'wss://go.eveonline.it/websocket/connect?notify_missed=true'],
  ])('the URL %s is %s', async (url, expected) => {
    const urls: string[] = [];
    class Socket {
      constructor(url: string) {
        urls.push(url);
      }
      close() {}
    }
    const WebSocket = Socket as unknown as new (url: string) => WebSocketLike;
    const client = createFalconClient({ ...(url !== undefined && { url }), WebSocket });
    await eventually(() => urls.length === 1);
    await client.disconnect();
    expect(urls).toEqual([expected]);
  });

  it.each([
    [{ url: 'ftp://h' }, 'option url: expected a ws, wss, http or https URL, got ftp:'],
    [{ url: 'nonsense' }, 'option url: expected a URL such as ws://localhost:3000, got "nonsense"'],
    [{ url: 'ws://u:p@h' }, 'option url: expected a URL without user and password'],
    [{ token: '' }, 'option token: expected a text that is not empty, or a function'],
    [{ maxQueued: -1 }, 'option maxQueued: expected a whole number, got -1'],
    [{ maxMessagesPerSecond: 1.5 }, 'option maxMessagesPerSecond: expected a whole number, got 1.5'],
    [{ maxMessagesPerSecond: 0 }, 'option maxMessagesPerSecond: expected more than 0, got 0'],
    [{ baseMs: 5, capMs: 4 }, 'option baseMs: expected at most capMs (4), got 5'],
  ])('%j are refused', (options, message) => {
    expect(() => createFalconClient(options)).toThrow(message);
  });
});
