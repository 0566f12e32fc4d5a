import { eventually } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { activity, analytics, at, guildEvent, guildEvents, publish } from './support/events.js';
import { record, settled, start } from './support/server.js';

const names = Object.keys(guildEvents) as (keyof typeof guildEvents)[];

/** A follower of guild 1 in each way, and one of guild 2. */
async function followers() {
  const instance = await start();
  const sockets = await Promise.all([instance.user(), instance.user(), instance.user()]);
  const [events, figures, other] = sockets as [(typeof sockets)[0], (typeof sockets)[0], (typeof sockets)[0]];
  await events.emitWithAck('subscribe:guild', '1');
  await figures.emitWithAck('subscribe:analytics', '1');
  await other.emitWithAck('subscribe:guild', '2');
  await other.emitWithAck('subscribe:analytics', '2');
  const received = { events: record(events), figures: record(figures), other: record(other) };
  return { instance, sockets, received, settle: () => settled(...sockets) };
}

describe('a guild event', () => {
  it.each(names)('%s reaches those who follow the guild’s events, with its guild, and nobody else', async (event) => {
    const { instance, received, settle } = await followers();
    await publish(instance, guildEvent(event));
    await settle();
    expect(received.events).toEqual([[event, { guildId: '1', ...guildEvents[event] }]]);
    expect(received.figures).toEqual([]);
    expect(received.other).toEqual([]);
  });

  it.each(names)('%s leaves with the documented fields alone, whatever an application publishes', async (event) => {
    const { instance, received, settle } = await followers();
    const data = { ...guildEvents[event], content: 'the text of a message', email: 'ann@example.com' };
    await publish(instance, { guildId: '1', event, data });
    await instance.gateway.publish({ guildId: '1', event, data: { ...data, guildId: '2' } } as never).done;
    await settle();
    expect(received.events).toEqual(Array(2).fill([event, { guildId: '1', ...guildEvents[event] }]));
    expect(received.other).toEqual([]);
  });

  it('that lacks a field is published by nobody', async () => {
    const { instance, received, settle } = await followers();
    expect(() => instance.gateway.publish({ guildId: '1', event: 'user:join', data: {} } as never)).toThrow(
      'user:join: expected data with the fields of the protocol',
    );
    expect(instance.gateway.parse({ guildId: '1', event: 'user:join', data: {} })).toMatchObject({ ok: false });
    await settle();
    expect(received.events).toEqual([]);
  });

  it('reaches a socket with both subscriptions once, and not one that has unsubscribed', async () => {
    const { instance, sockets, received, settle } = await followers();
    await sockets[0]?.emitWithAck('subscribe:analytics', '1');
    await publish(instance, guildEvent('message:new'));
    await sockets[0]?.emitWithAck('unsubscribe:guild', '1');
    await publish(instance, guildEvent('message:new'));
    await settle();
    expect(received.events).toHaveLength(1);
  });

  it('arrives in the order of publication', async () => {
    const { instance, received, settle } = await followers();
    for (let count = 0; count < 50; count++) {
      void publish(instance, {
        ...guildEvent('user:join'),
        data: { ...guildEvents['user:join'], accountAgeDays: count },
      });
    }
    await settle();
    const days = received.events.map(([, data]) => (data as { accountAgeDays: number }).accountAgeDays);
    expect(days).toEqual([...Array(50).keys()]);
  });
});

describe('activity', () => {
  const who = { guildId: '1', userId: '7', username: 'ann' };

  it.each([
    [
      'message',
      { channelId: '70', channelName: 'general' },
      [['message:new', { ...who, channelId: '70', channelName: 'general' }]],
    ],
    ['message', { channelId: '70' }, [['message:new', { ...who, channelId: '70', channelName: '70' }]]],
    ['message', {}, [['message:new', { ...who, channelId: '', channelName: '' }]]],
    ['typing', { channelId: '70' }, []],
    ['presence', { status: 'dnd' }, [['presence:update', { ...who, status: 'dnd' }]]],
    ['presence', { clientStatus: { web: 'idle' } }, [['presence:update', { ...who, status: 'online' }]]],
    ['presence', {}, [['presence:update', { ...who, status: 'offline' }]]],
    [
      'presence',
      { status: 'online', clientStatus: { web: 'idle', desktop: 'online', mobile: 'offline' } },
      [
        ['presence:update', { ...who, status: 'online' }],
        ['alert:multiClient', { ...who, platforms: ['desktop', 'web'] }],
      ],
    ],
    ['join', { accountCreatedAt: '2026-01-14T12:00:00.001Z' }, [['user:join', { ...who, accountAgeDays: 1 }]]],
    ['join', { accountCreatedAt: '2026-01-14T12:00:00.000Z' }, [['user:join', { ...who, accountAgeDays: 2 }]]],
    ['join', { accountCreatedAt: '2027-01-14T12:00:00.000Z' }, [['user:join', { ...who, accountAgeDays: 0 }]]],
    [
      'join',
      { userId: '175928847299117063' },
      [['user:join', { ...who, userId: '175928847299117063', accountAgeDays: 3548 }]],
    ],
    ['join', {}, []],
    ['roles', { addedRoles: ['A'], removedRoles: ['B'] }, [['role:change', { ...who, addedRoles: ['A'] }]]],
    ['roles', { addedRoles: [], removedRoles: ['B'] }, [['role:change', { ...who, addedRoles: [] }]]],
    ['roles', {}, []],
  ] as const)('%s %j is told as what it implies', async (type, given, implied) => {
    const { instance, received, settle } = await followers();
    await publish(instance, {
      guildId: '1',
      activity: { type, userId: '7', username: 'ann', timestamp: at, ...given },
    });
    await settle();
    expect(received.events).toEqual(implied.map(([event, data]) => [event, { ...data, timestamp: at }]));
    expect(received.other).toEqual([]);
  });
});

describe('analytics', () => {
  it('that are published reach those who follow them, in the documented form', async () => {
    const { instance, received, settle } = await followers();
    await publish(instance, { guildId: '1', event: 'analytics:update', data: analytics });
    await settle();
    const update = { guildId: '1', data: analytics, timestamp: at };
    expect(received.figures).toEqual([['analytics:update', update]]);
    expect(received.events).toEqual([]);
    expect(received.other).toEqual([]);
  });

  it('come at once, then at most every 30 s: the newest of what came meanwhile, also when it is quiet afterwards', async () => {
    const { instance, received, settle } = await followers();
    const { clock } = instance;
    const send = (n: number) =>
      publish(instance, {
        guildId: '1',
        event: 'analytics:update',
        data: { ...analytics, channelDiversity: [{ userId: '7', username: 'ann', channelCount: n }] },
      });
    const counts = () =>
      received.figures.map(
        ([, update]) => (update as { data: typeof analytics }).data.channelDiversity[0]?.channelCount,
      );
    await send(1);
    await settle();
    expect(counts()).toEqual([1]);
    const { pending } = clock;
    for (const n of [2, 3, 4]) {
      await clock.advance(5000);
      await send(n);
    }
    await settle();
    expect(clock.pending).toBe(pending + 1);
    await clock.advance(14_900);
    await settle();
    expect(counts()).toEqual([1]);
    await clock.advance(200);
    await settle();
    expect(counts()).toEqual([1, 4]);
    await clock.advance(120_000);
    await settle();
    expect(counts()).toEqual([1, 4]);
    await send(5);
    await settle();
    expect(counts()).toEqual([1, 4, 5]);
  });

  it('of different guilds do not wait for each other, and the time between is configurable', async () => {
    const instance = await start({ throttleMs: 1000 });
    const socket = await instance.user();
    for (const id of ['1', '2']) await socket.emitWithAck('subscribe:analytics', id);
    const received = record(socket);
    for (const guildId of ['1', '2', '1', '2'])
      await publish(instance, { guildId, event: 'analytics:update', data: analytics });
    await settled(socket);
    expect(received).toHaveLength(2);
    await instance.clock.advance(1000);
    await settled(socket);
    expect(received).toHaveLength(4);
  });

  it('are sent to a new subscriber at once: the last there were, at most once in 30 s', async () => {
    const { instance, sockets, settle } = await followers();
    await publish(instance, { guildId: '1', event: 'analytics:update', data: analytics });
    const late = await instance.user();
    const received = record(late);
    expect(await late.emitWithAck('subscribe:analytics', '1')).toEqual({ ok: true });
    await settled(late);
    const update = ['analytics:update', { guildId: '1', data: analytics, timestamp: at }];
    expect(received).toEqual([update]);
    for (let round = 0; round < 3; round++) {
      await late.emitWithAck('unsubscribe:analytics', '1');
      await late.emitWithAck('subscribe:analytics', '1');
    }
    await settled(late);
    expect(received).toEqual([update]);
    await instance.clock.advance(30_000);
    await late.emitWithAck('subscribe:analytics', '1');
    await settled(late);
    expect(received).toEqual([update, update]);
    const before = received.length;
    await late.emitWithAck('subscribe:guild', '1');
    await instance.clock.advance(30_000);
    await late.emitWithAck('subscribe:guild', '1');
    await settled(late);
    expect(received).toHaveLength(before);
    const another = await instance.user();
    const fresh = record(another);
    await another.emitWithAck('subscribe:analytics', '1');
    await settled(another, ...sockets);
    await settle();
    expect(fresh).toEqual([update]);
  });

  it('are computed from activity, and sent when it changes them', async () => {
    const { instance, received, settle } = await followers();
    const { clock } = instance;
    const timestamp = new Date(clock.now()).toISOString();
    const does = (type: 'message' | 'typing' | 'presence', userId: string, more = {}) =>
      publish(instance, activity({ type, userId, username: `name-${userId}`, timestamp, ...more }));
    await does('typing', 'ghost', { channelId: 'a' });
    await settle();
    expect(received.figures).toHaveLength(1);
    for (let count = 0; count < 3; count++) await does('typing', 'ghost', { channelId: 'b' });
    await does('message', 'ghost', { channelId: 'b' });
    await does('message', 'ghost', { channelId: 'b' });
    for (let count = 0; count < 5; count++) await does('presence', 'lurker', { status: 'online' });
    for (let count = 0; count < 4; count++) await does('presence', 'newcomer', { status: 'online' });
    await clock.advance(30_000);
    await settle();
    expect(received.figures[1]).toEqual([
      'analytics:update',
      {
        guildId: '1',
        data: {
          ghosts: [{ userId: 'ghost', username: 'name-ghost', ghostScore: 2 }],
          lurkers: [{ userId: 'lurker', username: 'name-lurker', lurkerScore: 1, channelCount: 0 }],
          channelDiversity: [{ userId: 'ghost', username: 'name-ghost', channelCount: 2 }],
          timestamp: new Date(clock.now()).toISOString(),
        },
        timestamp: new Date(clock.now()).toISOString(),
      },
    ]);
    expect(received.other).toEqual([]);
  });

  it('survive a restart, with the last update', async () => {
    const first = await start();
    const timestamp = new Date(first.clock.now()).toISOString();
    await publish(first, activity({ type: 'typing', userId: 'ghost', username: 'casper', timestamp }));
    const saved = JSON.parse(JSON.stringify(first.gateway.save()));
    const second = await start({ saved });
    const socket = await second.user();
    const received = record(socket);
    await socket.emitWithAck('subscribe:analytics', '1');
    await settled(socket);
    const ghosts = (index: number) => (received.at(index) as [string, { data: typeof analytics }])[1].data.ghosts;
    expect(ghosts(0)).toEqual([{ userId: 'ghost', username: 'casper', ghostScore: 1 }]);
    await publish(second, activity({ type: 'typing', userId: 'ghost', username: 'casper', timestamp }));
    await eventually(() => received.length === 2, 'the first change is sent at once');
    expect(ghosts(1)).toEqual([{ userId: 'ghost', username: 'casper', ghostScore: 2 }]);
    // What comes late takes the place of nothing newer.
    second.gateway.restore(saved);
    expect(second.gateway.save().updates[0]?.data.ghosts[0]?.ghostScore).toBe(2);
    expect(second.gateway.stats().members).toBe(1);
  });

  it('are not sent for what does not count', async () => {
    const { instance, received, settle } = await followers();
    await publish(instance, activity({ type: 'join', accountCreatedAt: at }));
    await publish(instance, activity({ type: 'message', timestamp: '2020-01-01T00:00:00Z' }));
    await settle();
    await instance.clock.advance(60_000);
    await settle();
    expect(received.figures).toEqual([]);
    expect(received.events).toHaveLength(2);
  });

  it('that wait for their time are given up at the end', async () => {
    const { instance } = await followers();
    for (let count = 0; count < 2; count++) {
      await publish(instance, { guildId: '1', event: 'analytics:update', data: analytics });
    }
    await instance.engine.close();
    const { pending } = instance.clock;
    await instance.gateway.close();
    expect(instance.clock.pending).toBe(pending - 1);
  });
});

describe('the gateway', () => {
  it('has a name for the publish API, and figures', async () => {
    const { gateway } = await start();
    expect(gateway.name).toBe('spywatcher');
    expect(gateway.stats()).toEqual({ members: 0, analyticsBytes: 0 });
    await gateway.publish(activity({ type: 'message' })).done;
    expect(gateway.stats().members).toBe(1);
    expect(gateway.stats().analyticsBytes).toBeGreaterThan(0);
  });
});
