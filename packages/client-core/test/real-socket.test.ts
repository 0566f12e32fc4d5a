import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ClientError,
  Connection,
  type ConnectionChange,
  type ConnectionOptions,
  isHopeless,
  openerOf,
} from '../src/index.js';
import { openSocket } from '../src/open-socket.js';
import { EchoServer } from './support/echo-server.js';
import { FaultProxy } from './support/fault-proxy.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(options: Partial<ConnectionOptions> = {}) {
  const server = await EchoServer.start();
  const proxy = await FaultProxy.start(server.listening.port);
  const changes: ConnectionChange[] = [];
  const errors: ClientError[] = [];
  const messages: unknown[] = [];
  const away: { send?: string | undefined } = {};
  const connection: Connection = new Connection(
    {
      open: openSocket,
      target: () => ({ url: `${proxy.url}/path?token=secret`, headers: { authorization: 'Bearer secret' } }),
      baseMs: 2,
      capMs: 10,
      heartbeat: { intervalMs: 40, timeoutMs: 150, beat: () => connection.transmit('ping') },
      connectTimeoutMs: 400,
      ...options,
    },
    {
      onChange: (change) => {
        changes.push(change);
        if (change.state === 'open') connection.transmit('restored');
        if (change.state === 'waiting' && away.send) connection.send(away.send);
        away.send = undefined;
      },
      onMessage: (data) => messages.push(data),
      onError: (error) => errors.push(error),
    },
  );
  open.push(server, proxy, connection);
  connection.connect();
  await eventually(() => connection.state === 'open');
  const opened = (count: number) =>
    eventually(() => changes.filter(({ state }) => state === 'open').length >= count && connection.state === 'open');
  return { server, proxy, connection, changes, errors, messages, opened, away };
}

describe('a line that', () => {
  it('is cut is made anew, with what was wished and what waited', async () => {
    const { server, proxy, errors, changes, opened, away } = await start();
    await eventually(() => server.received.includes('restored'));
    server.received.length = 0;
    away.send = 'while away';
    proxy.cut();
    await opened(2);
    await eventually(() => server.received.length === 2);
    expect(server.received).toEqual(['restored', 'while away']);
    expect(errors[0]).toMatchObject({ name: 'ConnectionLostError', code: 1006 });
    expect(changes.find(({ state }) => state === 'waiting')).toMatchObject({ code: 'lost', error: errors[0] });
  });

  it('falls silent is given up, and made anew when it speaks again', async () => {
    const { proxy, connection, errors, opened } = await start();
    proxy.fault = 'silence';
    await eventually(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ name: 'TimeoutError', operation: 'a heartbeat' });
    // The handshake of the next attempt gets no answer either.
    await eventually(() =>
      errors.some((error) => error.name === 'TimeoutError' && error.message.includes('connecting')),
    );
    proxy.fault = 'none';
    await opened(2);
    expect(connection.state).toBe('open');
  });

  it('is slow but alive is kept', async () => {
    const { proxy, connection, messages, errors } = await start();
    proxy.fault = { delayMs: 30 };
    const before = messages.length;
    await eventually(() => messages.length >= before + 4);
    expect(connection.state).toBe('open');
    expect(errors).toEqual([]);
    expect(proxy.connections).toBe(1);
  });

  it('brings bytes that are no WebSocket frames is made anew', async () => {
    const { proxy, errors, opened } = await start();
    proxy.inject(Buffer.from([0xff, 0xff, 0x00, 0x13, 0x37, 0xff]));
    await opened(2);
    expect(errors[0]).toMatchObject({ name: 'ConnectionLostError', code: 1006, cause: { name: 'RangeError' } });
  });

  it('ends in the middle of a frame is made anew', async () => {
    const { proxy, messages, errors, opened } = await start();
    proxy.endWithinFrame();
    await opened(2);
    expect(errors[0]).toMatchObject({ name: 'ConnectionLostError', code: 1006 });
    expect(messages.filter((data) => data !== 'pong')).toEqual([]);
  });

  it('fails in every way in turn loses none of what waited and repeats nothing', async () => {
    const { server, proxy, opened, away } = await start();
    const faults = [
      () => proxy.cut(),
      () => proxy.endWithinFrame(),
      () => proxy.inject(Buffer.alloc(8, 0xff)),
      () => server.sockets.at(-1)?.close(1012, 'service restart'),
      () => server.sockets.at(-1)?.terminate(),
    ];
    const queued: string[] = [];
    for (const [index, fault] of faults.entries()) {
      away.send = `message ${index}`;
      queued.push(away.send);
      fault();
      await opened(index + 2);
      await eventually(() => server.received.at(-1) === queued.at(-1));
    }
    expect(server.received.filter((text) => text.startsWith('message'))).toEqual(queued);
    expect(server.received.filter((text) => text === 'restored')).toHaveLength(faults.length + 1);
    await eventually(() => server.sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length === 1);
  });
});

describe('in Node', () => {
  it('the handshake carries the headers', async () => {
    const { server } = await start();
    expect(server.headers[0]?.authorization).toBe('Bearer secret');
  });

  it('so it does with a constructor of the application', async () => {
    const { server } = await start({ open: openerOf(WebSocket) });
    expect(server.headers[0]?.authorization).toBe('Bearer secret');
  });

  it.each([
    [401, 'the token is missing or was not accepted', true],
    [503, 'the server takes no more connections, or is restarting', false],
    [418, undefined, false],
  ])('a refusal with HTTP %d says so, and what it likely means', async (status, likely, hopeless) => {
    const { server, proxy, errors, opened } = await start();
    server.refuseWith = status;
    proxy.cut();
    const refusal = await eventually(() => errors.find(({ name }) => name === 'ConnectionRefusedError'));
    expect(refusal).toMatchObject({
      status,
      message: `${proxy.url}/path refused the connection with HTTP ${status}${likely ? `: ${likely}` : ''}`,
    });
    expect(isHopeless(status)).toBe(hopeless);
    server.refuseWith = undefined;
    await opened(2);
  });

  it('a close takes the server with it', async () => {
    const { server, connection } = await start();
    const closed = new Promise((resolve) => server.sockets[0]?.on('close', resolve));
    await connection.close();
    expect(await closed).toBe(1000);
  });

  it('an attempt that is closed while it is made leaves no error behind', async () => {
    const { proxy, connection, errors, changes } = await start();
    proxy.fault = 'silence';
    await eventually(() => changes.at(-1)?.state === 'connecting');
    errors.length = 0;
    await connection.close();
    expect(errors).toEqual([]);
  });
});
