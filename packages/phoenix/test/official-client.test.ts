import { eventually } from '@roomcast/testing';
import type { Socket } from 'phoenix';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelDefinition, error, ok, reply, stop } from '../src/index.js';
import { heard, officialSocket, outcome, untilState } from './support/phoenix-client.js';
import { startServer, type TestOptions, type TestServer } from './support/server.js';

const room: ChannelDefinition = {
  join: (payload) =>
    (payload as { name?: string }).name === 'eve' ? error({ reason: 'not you' }) : ok({ hello: payload }),
  message(event, payload, channel) {
    switch (event) {
      case 'echo':
        return ok(payload);
      case 'refuse':
        return error({ reason: 'no' });
      case 'teapot':
        return reply('custom', { short: true });
      case 'push':
        channel.push('pushed', payload);
        return;
      case 'stop':
        return stop('normal', ok());
      default:
        throw new Error(`unknown event ${event}`);
    }
  },
};

let server: TestServer<unknown> | undefined;
const sockets: Socket[] = [];

async function start(options: Partial<TestOptions<unknown>> = {}): Promise<TestServer<unknown>> {
  server = await startServer({ channels: { 'room:*': room }, ...options });
  return server;
}

function open(options: Parameters<typeof officialSocket>[1] = {}, url = `${server?.ws}/socket`): Socket {
  const socket = officialSocket(url, options);
  sockets.push(socket);
  socket.connect();
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await server?.close();
  server = undefined;
});

describe('the official client', () => {
  it('joins, pushes and is answered', async () => {
    await start();
    const channel = open().channel('room:1', { name: 'ann' });
    expect(await outcome(channel.join())).toEqual({ status: 'ok', response: { hello: { name: 'ann' } } });
    expect(await outcome(channel.push('echo', { a: ['ü', null] }))).toEqual({
      status: 'ok',
      response: { a: ['ü', null] },
    });
    expect(await outcome(channel.push('refuse', {}))).toEqual({ status: 'error', response: { reason: 'no' } });
    expect(await outcome(channel.push('teapot', {}))).toEqual({ status: 'custom', response: { short: true } });
  });

  it('hears pushes and broadcasts', async () => {
    const { phoenix } = await start();
    const channel = open().channel('room:1');
    const log = heard(channel, 'pushed', 'news');
    await outcome(channel.join());
    channel.push('push', { n: 1 });
    await eventually(() => log.length === 1);
    expect(phoenix.broadcast('room:1', 'news', { n: 2 })).toBe(1);
    expect(phoenix.broadcast('room:2', 'news', { n: 3 })).toBe(0);
    await eventually(() => log.length === 2);
    expect(log).toEqual([
      { event: 'pushed', payload: { n: 1 } },
      { event: 'news', payload: { n: 2 } },
    ]);
  });

  it('is told why it may not join', async () => {
    await start();
    const channel = open().channel('room:1', { name: 'eve' });
    expect(await outcome(channel.join())).toEqual({ status: 'error', response: { reason: 'not you' } });
    const nowhere = open().channel('nowhere');
    expect(await outcome(nowhere.join())).toEqual({ status: 'error', response: { reason: 'unmatched topic' } });
  });

  it('leaves', async () => {
    const { phoenix } = await start();
    const channel = open().channel('room:1');
    await outcome(channel.join());
    const closed = new Promise((resolve) => channel.onClose(resolve));
    expect((await outcome(channel.leave())).status).toBe('ok');
    await closed;
    await eventually(() => phoenix.broadcast('room:1', 'news') === 0);
  });

  it('is closed by the server', async () => {
    await start();
    const channel = open().channel('room:1');
    await outcome(channel.join());
    expect((await outcome(channel.push('stop', {}))).status).toBe('ok');
    await untilState(channel, 'closed');
  });

  it('joins again after a crash of its channel, and others of its channels notice nothing', async () => {
    await start();
    const socket = open();
    const channel = socket.channel('room:1');
    const other = socket.channel('room:2');
    await outcome(channel.join());
    await outcome(other.join());
    const crashed = new Promise((resolve) => channel.onError(resolve));
    let otherFailed = false;
    other.onError(() => {
      otherFailed = true;
    });
    channel.push('no such event', {});
    expect(await crashed).toEqual({ reason: 'channel_crash' });
    await untilState(channel, 'joined');
    expect(await outcome(channel.push('echo', { again: true }))).toEqual({ status: 'ok', response: { again: true } });
    expect(otherFailed).toBe(false);
  });

  it('replaces a channel object of the same topic', async () => {
    const { phoenix } = await start();
    const socket = open();
    const first = socket.channel('room:1');
    await outcome(first.join());
    const second = socket.channel('room:1');
    await outcome(second.join());
    await untilState(first, 'closed');
    expect(second.state).toBe('joined');
    expect(phoenix.broadcast('room:1', 'news')).toBe(1);
  });

  it('comes back after a restart of the server (1012) and joins by itself', async () => {
    const running = await start();
    const socket = open();
    const codes: number[] = [];
    socket.onClose((event) => void codes.push((event as { code: number }).code));
    const channel = socket.channel('room:1', { name: 'ann' });
    const log = heard(channel, 'news');
    await outcome(channel.join());
    await running.restart();
    await eventually(() => running.phoenix.broadcast('room:1', 'news', { n: 1 }) === 1, 'the new join');
    await eventually(() => log.length === 1);
    expect(codes[0]).toBe(1012);
    expect(channel.state).toBe('joined');
  });

  it('sends and receives bytes', async () => {
    const { phoenix } = await start();
    const channel = open().channel('room:1');
    const log = heard(channel, 'pushed', 'news');
    await outcome(channel.join());
    const bytes = Uint8Array.of(0, 1, 255).buffer;
    const { status, response } = await outcome(channel.push('echo', bytes));
    expect([status, response]).toEqual(['ok', bytes]);
    channel.push('push', bytes);
    await eventually(() => log.length === 1);
    phoenix.broadcast('room:1', 'news', Buffer.from(bytes));
    await eventually(() => log.length === 2);
    expect(log).toEqual([
      { event: 'pushed', payload: bytes },
      { event: 'news', payload: bytes },
    ]);
  });

  it('has its heartbeats answered', async () => {
    const { phoenix } = await start();
    const socket = open({ heartbeatIntervalMs: 20 });
    let closed = false;
    socket.onClose(() => {
      closed = true;
    });
    // A heartbeat is sent only once the one before has been answered; without an answer the client closes.
    await eventually(() => phoenix.mount.counters.received >= 5, 'five heartbeats');
    expect(closed).toBe(false);
  });

  it('gives its token as a subprotocol', async () => {
    const tokens: (string | null)[] = [];
    await start({
      authToken: true,
      connect(params, { authToken, query }) {
        tokens.push(authToken);
        expect([...query.keys(), ...Object.keys(params)]).toEqual(['vsn', 'vsn']);
        return authToken === 'sécret?>' ? { assigns: {} } : undefined;
      },
    });
    // btoa, which the client encodes with, takes no more than latin1: applications hand it UTF-8 as bytes.
    const token = Buffer.from('sécret?>').toString('latin1');
    const channel = open({ authToken: token }).channel('room:1');
    expect((await outcome(channel.join())).status).toBe('ok');
    expect(tokens).toEqual(['sécret?>']);
  });

  it('tries again after a refusal', async () => {
    let refusals = 0;
    await start({ connect: () => (++refusals < 3 ? undefined : { assigns: {} }) });
    const channel = open().channel('room:1');
    expect((await outcome(channel.join())).status).toBe('ok');
    expect(refusals).toBe(3);
  });
});
