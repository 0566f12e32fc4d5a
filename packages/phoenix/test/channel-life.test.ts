import { MemoryBroker } from '@roomcast/engine';
import { eventually, openClient, RecordingLogger } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Channel, type ChannelDefinition, error, type LeaveReason, ok, stop } from '../src/index.js';
import { framesUntilNow, gate, joined, replyTo, settledFrames } from './support/frames.js';
import { startServer, type TestOptions, type TestServer } from './support/server.js';

let server: TestServer<unknown>;
const left: [topic: string, reason: LeaveReason][] = [];
const channels: Channel[] = [];

const room: ChannelDefinition = {
  join(_payload, channel) {
    channels.push(channel);
    return ok();
  },
  message(event) {
    if (event === 'crash') throw new Error('on purpose');
    if (event === 'reject') return Promise.reject(new Error('on purpose'));
    if (event === 'stop') return stop('normal');
    if (event === 'fail') return stop('error');
    if (event === 'bigint') return ok({ n: 1n });
    return ok();
  },
  leave: (channel, reason) => void left.push([channel.topic, reason]),
};

async function start(options: Partial<TestOptions<unknown>> = {}, engineOptions = {}): Promise<TestServer<unknown>> {
  server = await startServer({ channels: { 'room:*': room }, ...options }, engineOptions);
  return server;
}

function channelAt(index: number): Channel {
  const channel = channels[index];
  if (channel === undefined) throw new Error(`there is no channel ${index}`);
  return channel;
}

afterEach(async () => {
  await server.close();
  left.length = 0;
  channels.length = 0;
});

describe('leave', () => {
  it.each([
    ['phx_leave', 'left', 'phx_close'],
    ['stop', 'closed', 'phx_close'],
    ['fail', 'crashed', 'phx_error'],
    ['crash', 'crashed', 'phx_error'],
    ['reject', 'crashed', 'phx_error'],
    ['bigint', 'crashed', 'phx_error'],
  ] as const)('is told once of %s as "%s"', async (event, reason, told) => {
    await start();
    const client = await joined(server.url, 'room:1');
    client.send(['1', '2', 'room:1', event, {}]);
    expect((await settledFrames(client)).at(-1)?.slice(0, 4)).toEqual(['1', '1', 'room:1', told]);
    expect(left).toEqual([['room:1', reason]]);
    await client.close();
    await eventually(() => server.phoenix.mount.sessions.size === 0);
    expect(left).toHaveLength(1);
  });

  it('is told of a second join as "rejoined", and of the connection\'s end as "disconnected"', async () => {
    await start();
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'room:1', 'phx_join', {}]);
    client.send(['3', '3', 'room:2', 'phx_join', {}]);
    await framesUntilNow(client);
    expect(left).toEqual([['room:1', 'rejoined']]);
    client.socket.terminate();
    await eventually(() => left.length === 3);
    expect(left.slice(1)).toEqual([
      ['room:1', 'disconnected'],
      ['room:2', 'disconnected'],
    ]);
  });

  it('is told of a client that goes while its join is at work, and not of one that is refused', async () => {
    const joining = gate<'ok' | 'error'>();
    await start({
      channels: {
        'room:*': { ...room, join: async () => ((await joining.opened) === 'ok' ? ok() : error()) },
        'no:*': { ...room, join: () => error() },
      },
    });
    const client = await openClient(server.url);
    client.send(['1', '1', 'no:1', 'phx_join', {}]);
    client.send(['2', '2', 'room:1', 'phx_join', {}]);
    await client.nextJson();
    client.socket.terminate();
    await eventually(() => server.phoenix.mount.sessions.size === 0);
    expect(left).toEqual([]);
    joining.open('ok');
    await eventually(() => left.length === 1);
    expect(left).toEqual([['room:1', 'disconnected']]);
  });

  it.each([
    [
      'throw',
      () => {
        throw new Error('on purpose');
      },
    ],
    ['reject', () => Promise.reject(new Error('on purpose'))],
  ])('may %s without consequences', async (_how, leave) => {
    const logger = new RecordingLogger();
    await start({ channels: { 'room:*': { ...room, leave } } }, { logger });
    const client = await joined(server.url, 'room:1');
    client.send(['1', '2', 'room:1', 'phx_leave', {}]);
    expect(await framesUntilNow(client)).toEqual([replyTo('2', 'room:1', {}), ['1', '1', 'room:1', 'phx_close', {}]]);
    expect(logger.text).toContain('a leave handler failed');
  });
});

describe('a failing join', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
    ['answers what is no JSON', () => ok({ n: 1n })],
  ])('that %s is answered with "join crashed"', async (_how, join) => {
    const logger = new RecordingLogger();
    await start({ channels: { 'room:*': { ...room, join } } }, { logger });
    const client = await openClient(server.url);
    client.send(['1', '1', 'room:1', 'phx_join', {}]);
    expect(await client.nextJson()).toEqual(replyTo('1', 'room:1', { reason: 'join crashed' }, 'error'));
    client.send(['1', '2', 'room:1', 'event', {}]);
    expect(await client.nextJson()).toEqual(replyTo('2', 'room:1', { reason: 'unmatched topic' }, 'error', null));
    expect(logger.lines).toHaveLength(1);
    expect(server.phoenix.broadcast('room:1', 'live')).toBe(0);
  });
});

describe('stop from outside', () => {
  it('ends the channel, after which it sends nothing and joins nothing', async () => {
    await start();
    const client = await joined(server.url, 'room:1');
    const channel = channelAt(0);
    channel.stop();
    channel.stop('error');
    channel.push('late');
    expect(channel.join('news')).toBe(false);
    expect(channel.leave('room:1')).toBe(false);
    expect(await framesUntilNow(client)).toEqual([['1', '1', 'room:1', 'phx_close', {}]]);
    expect(left).toEqual([['room:1', 'closed']]);
  });

  it('waits for the reply to a join that is at work', async () => {
    const gates: Record<string, ReturnType<typeof gate<void>>> = { 'room:1': gate(), 'room:2': gate() };
    await start({
      connect: () => ({ assigns: {}, identity: { id: 'ann' } }),
      channels: {
        'room:*': {
          ...room,
          async join(_payload, channel) {
            if (channel.topic === 'room:1') channel.stop();
            else await channel.join(channel.topic);
            await gates[channel.topic]?.opened;
            channel.push('early');
            return ok();
          },
        },
      },
    });
    const client = await openClient(server.url);
    client.send(['1', '1', 'room:1', 'phx_join', {}]);
    client.send(['2', '2', 'room:2', 'phx_join', {}]);
    gates['room:1']?.open();
    // The room of the second is taken away while its join is at work: the right to it must not come back with the reply.
    await eventually(() => server.phoenix.mount.rooms.size === 1);
    server.phoenix.mount.leaveAll('ann');
    gates['room:2']?.open();
    expect(await settledFrames(client)).toEqual([
      replyTo('1', 'room:1', {}),
      ['1', '1', 'room:1', 'phx_close', {}],
      replyTo('2', 'room:2', {}, 'ok', '2'),
      ['2', '2', 'room:2', 'phx_close', {}],
    ]);
    expect(left).toEqual([
      ['room:1', 'closed'],
      ['room:2', 'closed'],
    ]);
    expect(server.phoenix.mount.rooms.size).toBe(0);
  });

  it('tells phx_error where it is an error', async () => {
    await start();
    const client = await joined(server.url, 'room:1');
    channelAt(0).stop('error');
    expect(await framesUntilNow(client)).toEqual([['1', '1', 'room:1', 'phx_error', { reason: 'channel_crash' }]]);
  });
});

describe('rooms', () => {
  const reach = (name: string) => server.phoenix.broadcast('room:1', 'live', {}, { rooms: [name] });

  it('are left with the channel, but for those that another channel holds', async () => {
    await start();
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'room:2', 'phx_join', {}]);
    await client.nextJson();
    const first = channelAt(0);
    const second = channelAt(1);
    expect([first.join('own'), first.join('both'), second.join('both')]).toEqual([true, true, true]);
    expect(['room:1', 'room:2', 'own', 'both'].map(reach)).toEqual([1, 1, 1, 1]);
    first.stop();
    expect(['room:1', 'room:2', 'own', 'both'].map(reach)).toEqual([0, 1, 0, 1]);
    expect([second.leave('both'), second.leave('both')]).toEqual([true, false]);
    expect(['room:2', 'both'].map(reach)).toEqual([1, 0]);
  });

  it('a channel does not leave a room that it is not in', async () => {
    await start();
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'room:2', 'phx_join', {}]);
    await client.nextJson();
    const first = channelAt(0);
    const second = channelAt(1);
    void first.join('own');
    expect(second.leave('own')).toBe(false);
    expect(reach('own')).toBe(1);
  });

  it('are left too where the channel has ended before the bus carried them', async () => {
    await start({}, { bus: new MemoryBroker().connect() });
    await joined(server.url, 'room:1');
    const channel = channelAt(0);
    const joining = channel.join('far', { topic: 'topic' });
    expect(joining).toBeInstanceOf(Promise);
    channel.stop();
    expect(await joining).toBe(false);
    expect(reach('far')).toBe(0);
  });

  it('count against maxRooms, except the one of the topic', async () => {
    await start({ maxRooms: 1 });
    await joined(server.url, 'room:1');
    const channel = channelAt(0);
    expect(channel.join('one')).toBe(true);
    expect(() => channel.join('two')).toThrow('at most 1 rooms');
    expect(channel.leave('two')).toBe(false);
  });

  it('taken from outside: a failing handler ends its channel only', async () => {
    await start({
      connect: () => ({ assigns: {}, identity: { id: 'ann' } }),
      channels: { 'room:*': { ...room, removed: () => Promise.reject(new Error('on purpose')) } },
    });
    const client = await joined(server.url, 'room:1');
    void channelAt(0).join('extra');
    server.phoenix.mount.leaveAll('ann', ['extra']);
    expect(await settledFrames(client)).toEqual([['1', '1', 'room:1', 'phx_error', { reason: 'channel_crash' }]]);
  });

  it('taken from outside are reported; without the one of its topic a channel ends', async () => {
    const removed: string[] = [];
    await start({
      connect: () => ({ assigns: {}, identity: { id: 'ann' } }),
      channels: { 'room:*': { ...room, removed: (_channel, name) => void removed.push(name) } },
    });
    const client = await joined(server.url, 'room:1');
    void channelAt(0).join('extra');
    server.phoenix.mount.leaveAll('ann', ['extra']);
    expect(removed).toEqual(['extra']);
    expect(await framesUntilNow(client)).toEqual([]);
    server.phoenix.mount.recheck(() => false);
    expect(await framesUntilNow(client)).toEqual([['1', '1', 'room:1', 'phx_close', {}]]);
    expect(left).toEqual([['room:1', 'closed']]);
  });
});

describe('a channel', () => {
  it('knows its topic, its join_ref as it came, and what the connection was let in with', async () => {
    await start({ connect: ({ name }) => ({ assigns: { name } }) });
    const client = await openClient(`${server.url}&name=ann`);
    client.send([7, '1', 'room:1', 'phx_join', {}]);
    client.send([null, 'x', 'room:2', 'phx_join', {}]);
    await framesUntilNow(client);
    expect(channels.map(({ topic, joinRef, assigns }) => ({ topic, joinRef, assigns }))).toEqual([
      { topic: 'room:1', joinRef: 7, assigns: { name: 'ann' } },
      { topic: 'room:2', joinRef: 'x', assigns: { name: 'ann' } },
    ]);
    expect([...channelAt(0).session.data.channels.keys()]).toEqual(['room:1', 'room:2']);
  });

  it('is one of at most maxChannels; joining one again makes room first', async () => {
    await start({ maxChannels: 2 });
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'room:2', 'phx_join', {}]);
    client.send(['3', '3', 'room:3', 'phx_join', {}]);
    client.send(['4', '4', 'room:1', 'phx_join', {}]);
    const answers = (await framesUntilNow(client)).filter(([, , , event]) => event === 'phx_reply');
    expect(answers).toEqual([
      replyTo('2', 'room:2', {}, 'ok', '2'),
      replyTo('3', 'room:3', { reason: 'too many channels joined' }, 'error', '3'),
      replyTo('4', 'room:1', {}, 'ok', '4'),
    ]);
  });
});
