import { eventually, openClient, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelDefinition, ok, stop } from '../src/index.js';
import { framesUntilNow, gate, joined, replyTo, settledFrames } from './support/frames.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer<unknown>;

async function start(channels: Record<string, ChannelDefinition>, engineOptions = {}): Promise<TestServer<unknown>> {
  server = await startServer({ channels }, engineOptions);
  return server;
}

afterEach(() => server.close());

const silent: ChannelDefinition = { join: () => ok(), message() {} };

describe('after a join', () => {
  it('sends the reply, then what join pushed, then what was published meanwhile', async () => {
    const loading = gate();
    await start({
      'room:*': {
        async join(_payload, channel) {
          await channel.join('news');
          channel.push('snapshot', { n: 1 });
          await loading.opened;
          channel.push('snapshot', { n: 2 });
          return ok({ welcome: true });
        },
        message() {},
      },
    });
    const client = await openClient(server.url);
    client.send(['1', '1', 'room:1', 'phx_join', {}]);
    await eventually(() => server.phoenix.broadcast('room:1', 'live', { n: 3 }, { rooms: ['news'] }) === 1);
    await turns(5);
    expect(client.received).toEqual([]);
    loading.open();
    expect([await client.nextJson(), ...(await framesUntilNow(client))]).toEqual([
      replyTo('1', 'room:1', { welcome: true }),
      ['1', null, 'room:1', 'snapshot', { n: 1 }],
      ['1', null, 'room:1', 'snapshot', { n: 2 }],
      [null, null, 'room:1', 'live', { n: 3 }],
    ]);
  });

  it('runs joined, whose pushes go before live events, also when it takes its time', async () => {
    const loading = gate();
    await start({
      'room:*': {
        ...silent,
        async joined(channel) {
          channel.push('snapshot', { n: 1 });
          await loading.opened;
          channel.push('snapshot', { n: 2 });
        },
        message: () => ok({ handled: true }),
      },
    });
    const client = await openClient(server.url);
    client.send(['1', '1', 'room:1', 'phx_join', {}]);
    client.send(['1', '2', 'room:1', 'early', {}]);
    expect(await framesUntilNow(client)).toEqual([
      replyTo('1', 'room:1', {}),
      ['1', null, 'room:1', 'snapshot', { n: 1 }],
    ]);
    expect(server.phoenix.broadcast('room:1', 'live')).toBe(1);
    // Neither the live event nor the client's own, which comes after `joined` in its channel.
    expect(await framesUntilNow(client)).toEqual([]);
    loading.open();
    expect([await client.nextJson(), await client.nextJson(), await client.nextJson()]).toEqual([
      ['1', null, 'room:1', 'snapshot', { n: 2 }],
      [null, null, 'room:1', 'live', {}],
      replyTo('2', 'room:1', { handled: true }),
    ]);
  });

  it('lets live events go when joined fails or the channel ends meanwhile', async () => {
    const loading = gate();
    await start({
      'crash:*': {
        ...silent,
        joined() {
          throw new Error('no snapshot');
        },
      },
      'reject:*': { ...silent, joined: () => Promise.reject(new Error('no snapshot')) },
      'slow:*': { ...silent, joined: () => loading.opened },
      'room:*': silent,
    });
    const client = await joined(server.url, 'room:1');
    for (const [topic, how] of [
      ['crash:1', 'phx_error'],
      ['reject:1', 'phx_error'],
      ['slow:1', 'phx_close'],
    ] as const) {
      client.send(['2', '2', topic, 'phx_join', {}]);
      const frames = await settledFrames(client);
      expect(frames[0]).toEqual(replyTo('2', topic, {}, 'ok', '2'));
      if (how === 'phx_error') {
        expect(frames[1]?.[3]).toBe('phx_error');
      } else {
        expect(server.phoenix.broadcast('room:1', 'live', { held: true })).toBe(1);
        expect(await framesUntilNow(client)).toEqual([]);
        for (const session of server.phoenix.mount.sessions) session.data.channels.get(topic)?.stop();
        expect((await framesUntilNow(client)).map((frame) => frame[3])).toEqual(['live', 'phx_close']);
      }
      expect(server.phoenix.broadcast('room:1', 'live')).toBe(1);
      expect((await framesUntilNow(client)).map((frame) => frame[3])).toEqual(['live']);
    }
    loading.open();
  });

  it('drops what was pushed for a client that is not let in, and lets live events go', async () => {
    await start({
      'room:*': silent,
      'no:*': {
        ...silent,
        join(_payload, channel) {
          channel.push('snapshot');
          void channel.join('news');
          return { status: 'error', response: { reason: 'no' } };
        },
      },
    });
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'no:1', 'phx_join', {}]);
    expect(await framesUntilNow(client)).toEqual([replyTo('2', 'no:1', { reason: 'no' }, 'error', '2')]);
    expect(server.phoenix.broadcast('no:1', 'news', {}, { rooms: ['news'] })).toBe(0);
    expect(server.phoenix.broadcast('room:1', 'live')).toBe(1);
    expect((await framesUntilNow(client)).map((frame) => frame[3])).toEqual(['live']);
  });
});

describe('the events of a client', () => {
  it('are handled one after the other within a channel, and side by side between channels', async () => {
    const slow = gate();
    const handled: string[] = [];
    await start({
      'room:*': {
        ...silent,
        async message(event, _payload, channel) {
          if (event === 'slow') await slow.opened;
          handled.push(`${channel.topic} ${event}`);
          return ok();
        },
      },
    });
    const client = await joined(server.url, 'room:1');
    client.send(['1', '1', 'room:2', 'phx_join', {}]);
    client.send(['1', '2', 'room:1', 'slow', {}]);
    client.send(['1', '3', 'room:1', 'quick', {}]);
    client.send(['1', '4', 'room:2', 'quick', {}]);
    expect(await settledFrames(client)).toEqual([replyTo('1', 'room:2', {}), replyTo('4', 'room:2', {})]);
    slow.open();
    expect([await client.nextJson(), await client.nextJson()]).toEqual([
      replyTo('2', 'room:1', {}),
      replyTo('3', 'room:1', {}),
    ]);
    expect(handled).toEqual(['room:2 quick', 'room:1 slow', 'room:1 quick']);
  });

  it('all wait for a join', async () => {
    const joining = gate();
    await start({
      'room:*': { ...silent, message: () => ok() },
      'slow:*': { ...silent, join: () => joining.opened.then(() => ok()) },
    });
    const client = await joined(server.url, 'room:1');
    client.send(['2', '2', 'slow:1', 'phx_join', {}]);
    client.send(['1', '3', 'room:1', 'event', {}]);
    client.send([null, '4', 'phoenix', 'heartbeat', {}]);
    await eventually(() => server.phoenix.mount.counters.received === 4);
    await turns(5);
    expect(client.received).toEqual([]);
    joining.open();
    expect([await client.nextJson(), await client.nextJson(), await client.nextJson()]).toEqual([
      replyTo('2', 'slow:1', {}, 'ok', '2'),
      replyTo('3', 'room:1', {}),
      replyTo('4', 'phoenix', {}, 'ok', null),
    ]);
  });

  it('are forgotten when their channel crashes or stops, and its late results too', async () => {
    const slow = gate();
    const handled: string[] = [];
    await start({
      'room:*': {
        ...silent,
        async message(event, _payload, channel) {
          handled.push(event);
          if (event === 'wait') await slow.opened;
          channel.push('too late');
          return event === 'wait' ? stop('normal', ok()) : ok();
        },
      },
    });
    const client = await joined(server.url, 'room:1');
    client.send(['1', '2', 'room:1', 'wait', {}]);
    client.send(['1', '3', 'room:1', 'more', {}]);
    expect(await framesUntilNow(client)).toEqual([]);
    client.send(['4', '4', 'room:1', 'phx_join', {}]);
    expect(await framesUntilNow(client)).toEqual([
      replyTo('4', 'room:1', {}, 'ok', '4'),
      ['1', '1', 'room:1', 'phx_close', {}],
    ]);
    slow.open();
    expect(await framesUntilNow(client)).toEqual([]);
    expect(handled).toEqual(['wait']);
  });

  it('stop being read while too many wait', async () => {
    const slow = gate();
    let handled = 0;
    server = await startServer({
      maxPendingMessages: 10,
      channels: {
        'room:*': {
          ...silent,
          async message() {
            await slow.opened;
            handled++;
          },
        },
      },
    });
    const client = await joined(server.url, 'room:1');
    const { counters } = server.phoenix.mount;
    const batch = async () => {
      for (let sent = 0; sent < 20; sent++) client.send(['1', null, 'room:1', 'event', {}]);
      await turns(50);
    };
    await batch();
    await eventually(() => counters.received > 10);
    for (let batches = 0; batches < 4; batches++) await batch();
    // Frames of one segment are read together; those that come later stay with the network.
    expect(counters.received).toBeLessThan(1 + 5 * 20);
    slow.open();
    await eventually(() => handled === 5 * 20);
  });

  it('that wait for a channel are forgotten with it, so that others are read again', async () => {
    server = await startServer({
      maxPendingMessages: 3,
      channels: { 'room:*': { ...silent, message: () => new Promise<void>(() => {}) } },
    });
    const client = await joined(server.url, 'room:1');
    for (let sent = 0; sent < 5; sent++) client.send(['1', null, 'room:1', 'event', {}]);
    await eventually(() => server.phoenix.mount.counters.received >= 4);
    await turns(5);
    for (const session of server.phoenix.mount.sessions) session.data.channels.get('room:1')?.stop();
    expect(await framesUntilNow(client)).toEqual([['1', '1', 'room:1', 'phx_close', {}]]);
  });
});
