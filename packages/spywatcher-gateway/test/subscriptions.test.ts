import { MemoryBroker } from '@roomcast/engine';
import { eventually, next, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { guildEvent, publish } from './support/events.js';
import { record, settled, start } from './support/server.js';

describe('a subscription', () => {
  it.each(['analytics', 'guild'])(
    'to %s is acknowledged where that is asked for, and can be taken back',
    async (kind) => {
      const { user, gateway } = await start();
      const socket = await user();
      const received = record(socket);
      expect(await socket.emitWithAck(`subscribe:${kind}`, '1')).toEqual({ ok: true });
      expect(await socket.emitWithAck(`subscribe:${kind}`, '1')).toEqual({ ok: true });
      expect(gateway.io.sockets.adapter.rooms.get(`${kind}:1`)?.size).toBe(1);
      expect(gateway.mount.rooms.members(`${kind}:1`)?.size).toBe(1);
      expect(await socket.emitWithAck(`unsubscribe:${kind}`, '1')).toEqual({ ok: true });
      expect(await socket.emitWithAck(`unsubscribe:${kind}`, '1')).toEqual({ ok: true });
      expect(gateway.mount.rooms.size).toBe(0);
      expect(received).toEqual([]);
    },
  );

  it('without a callback is confirmed by nothing', async () => {
    const { user, gateway } = await start();
    const socket = await user();
    const received = record(socket);
    socket.emit('subscribe:guild', '1');
    await eventually(() => gateway.mount.rooms.size === 1, 'the room');
    socket.emit('unsubscribe:guild', '1');
    await eventually(() => gateway.mount.rooms.size === 0, 'the room goes');
    expect(received).toEqual([]);
  });

  it.each([[''], [null], [5], [{}], [['1']], [true], ['x'.repeat(129)], ['a\u0000']])(
    'to %j is told that it is no guild, and an unsubscription is not',
    async (guildId) => {
      const { user } = await start();
      const socket = await user({ role: 'ADMIN' });
      const received = record(socket);
      const refusal = { ok: false, message: 'Invalid guild ID' };
      expect(await socket.emitWithAck('subscribe:analytics', guildId)).toEqual(refusal);
      expect(await socket.emitWithAck('subscribe:guild', guildId)).toEqual(refusal);
      expect(await socket.emitWithAck('unsubscribe:guild', guildId)).toEqual({ ok: false });
      socket.emit('unsubscribe:analytics', guildId);
      await settled(socket);
      expect(received).toEqual(Array(2).fill(['error', { message: 'Invalid guild ID' }]));
    },
  );

  it('without any argument is told so as well', async () => {
    const { user } = await start();
    const socket = await user();
    const error = next(socket, 'error');
    socket.emit('subscribe:guild');
    expect(await error).toEqual({ message: 'Invalid guild ID' });
  });

  it('that is not permitted is refused, and nothing comes', async () => {
    const instance = await start();
    const socket = await instance.user({ guilds: ['2'] });
    const received = record(socket);
    const refusal = { ok: false, message: 'Not authorized for this guild' };
    expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual(refusal);
    expect(await socket.emitWithAck('subscribe:analytics', '1')).toEqual(refusal);
    await publish(instance, guildEvent('message:new'));
    await settled(socket);
    expect(received).toEqual(Array(2).fill(['error', { message: 'Not authorized for this guild' }]));
  });

  it('to as many guilds as one may have succeeds, one more is refused; analytics and events count apart', async () => {
    const { user } = await start({ maxRooms: 2 });
    const socket = await user({ role: 'ADMIN' });
    const message = 'Too many guilds (max: 2)';
    for (const kind of ['analytics', 'guild']) {
      for (const id of ['1', '2', '2']) expect(await socket.emitWithAck(`subscribe:${kind}`, id)).toEqual({ ok: true });
      expect(await socket.emitWithAck(`subscribe:${kind}`, '3')).toEqual({ ok: false, message });
      await socket.emitWithAck(`unsubscribe:${kind}`, '1');
      expect(await socket.emitWithAck(`subscribe:${kind}`, '3')).toEqual({ ok: true });
    }
  });

  it('ends with the connection', async () => {
    const { user, gateway } = await start();
    const socket = await user();
    await socket.emitWithAck('subscribe:guild', '1');
    socket.disconnect();
    await eventually(() => gateway.mount.rooms.size === 0, 'the room goes');
  });

  it('whose topic the bus refuses is told so, and can be tried again', async () => {
    const bus = new MemoryBroker().connect();
    const subscribe = bus.subscribe.bind(bus);
    let isDown = false;
    bus.subscribe = (topic, receive) =>
      isDown && topic.includes('guild.') ? Promise.reject(new Error('no')) : subscribe(topic, receive);
    const { user, logger } = await start({}, { bus });
    const socket = await user();
    isDown = true;
    const message = 'The subscription is not possible at the moment';
    expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual({ ok: false, message });
    expect(logger.text).toContain('the events of a guild can not be had');
    isDown = false;
    expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual({ ok: true });
  });
});

describe('who may see a guild', () => {
  it('is told by the token, the directory, and the role ADMIN', async () => {
    const { user } = await start({ guildsOf: (id) => (id === '100' ? ['5'] : undefined) });
    const known = await user({ guilds: ['1'] });
    const unknown = await user({ discordId: '200', guilds: [] });
    const admin = await user({ discordId: '300', role: 'ADMIN', guilds: [] });
    const may = async (socket: typeof known, id: string) => (await socket.emitWithAck('subscribe:guild', id)).ok;
    expect(await Promise.all(['1', '5', '2'].map((id) => may(known, id)))).toEqual([true, true, false]);
    expect(await Promise.all(['1', '5'].map((id) => may(unknown, id)))).toEqual([false, false]);
    expect(await may(admin, 'any')).toBe(true);
  });

  it('is nobody when the directory fails, which is logged', async () => {
    for (const guildsOf of [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken')),
    ]) {
      const { user, logger } = await start({ guildsOf });
      const socket = await user({ guilds: ['1'] });
      expect(await socket.emitWithAck('subscribe:guild', '5')).toMatchObject({ ok: false });
      expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual({ ok: true });
      expect(logger.text).toContain('the directory failed');
    }
  });

  it('is asked again when rights have changed: rooms are left, and the client is told', async () => {
    let guilds = ['5', '6'];
    const instance = await start({ maxRooms: 3, guildsOf: () => Promise.resolve(guilds) });
    const { user, gateway } = instance;
    const socket = await user({ guilds: ['1'] });
    for (const id of ['1', '5', '6']) {
      await socket.emitWithAck('subscribe:guild', id);
      await socket.emitWithAck('subscribe:analytics', id);
    }
    const received = record(socket);
    guilds = ['6'];
    await gateway.recheck();
    await settled(socket);
    expect(received).toEqual(Array(2).fill(['error', { message: 'Not authorized for this guild' }]));
    expect([...gateway.mount.rooms.entries()].map(([room]) => room).sort()).toEqual([
      'analytics:1',
      'analytics:6',
      'guild:1',
      'guild:6',
    ]);
    await publish(instance, guildEvent('message:new', '5'));
    await settled(socket);
    expect(received).toHaveLength(2);
    // What was taken away does not count any more.
    guilds = ['6', '7'];
    expect(await socket.emitWithAck('subscribe:guild', '7')).toEqual({ ok: true });
  });

  it('is asked again once more, not at the same time, where that is wanted while it is under way', async () => {
    const answers: ((guilds: string[]) => void)[] = [];
    const { user, gateway } = await start({ guildsOf: () => new Promise((resolve) => answers.push(resolve)) });
    const socket = await user({ guilds: [] });
    socket.emit('subscribe:guild', '5');
    await eventually(() => answers.length === 1, 'the question');
    answers[0]?.(['5']);
    await eventually(() => gateway.mount.rooms.size === 1, 'the room');
    const rechecks = [1, 2, 3, 4].map(() => gateway.recheck());
    await eventually(() => answers.length === 2, 'the first');
    rechecks.push(gateway.recheck(), gateway.recheck());
    await turns(5);
    expect(answers).toHaveLength(2);
    answers[1]?.(['5']);
    await eventually(() => answers.length === 3, 'the second');
    answers[2]?.([]);
    await Promise.all(rechecks);
    expect([answers.length, gateway.mount.rooms.size]).toEqual([3, 0]);
  });

  it('can be taken a guild by an administrator, at once', async () => {
    const { user, gateway } = await start();
    const socket = await user();
    await socket.emitWithAck('subscribe:guild', '1');
    const error = next(socket, 'error');
    gateway.mount.leaveAll('100', ['guild:1']);
    expect(await error).toEqual({ message: 'Not authorized for this guild' });
    expect(gateway.mount.rooms.size).toBe(0);
    expect(await socket.emitWithAck('subscribe:guild', '1')).toEqual({ ok: true });
  });
});

describe('requests of one socket', () => {
  it('are handled one after the other, however long the directory takes', async () => {
    const answers: ((guilds: string[]) => void)[] = [];
    const { user, gateway } = await start({ guildsOf: () => new Promise((resolve) => answers.push(resolve)) });
    const socket = await user({ guilds: [] });
    const order: string[] = [];
    socket.emit('subscribe:guild', '5', () => order.push('subscribed'));
    socket.emit('unsubscribe:guild', '5', () => order.push('unsubscribed'));
    await eventually(() => answers.length === 1, 'the question');
    await turns(5);
    expect(order).toEqual([]);
    answers[0]?.(['5']);
    await eventually(() => order.length === 2, 'both answers');
    expect(order).toEqual(['subscribed', 'unsubscribed']);
    expect(gateway.mount.rooms.size).toBe(0);
  });

  it('that wait are not too many, and one that has gone is not let in', async () => {
    const answers: ((guilds: string[]) => void)[] = [];
    const { user, gateway, clock } = await start({
      maxMessages: 0,
      guildsOf: () => new Promise((resolve) => answers.push(resolve)),
    });
    const socket = await user({ guilds: [] });
    const errors = record(socket);
    for (let count = 0; count < 150; count++) socket.emit('subscribe:guild', '5');
    await eventually(() => errors.length === 1, 'the complaint');
    await clock.advance(1000);
    expect(errors).toEqual([['error', { message: 'Too many events (max: 0 per second)' }]]);
    socket.disconnect();
    await eventually(() => gateway.mount.sessions.size === 0, 'it is gone');
    for (const answer of answers) answer(['5']);
    await turns(5);
    expect(answers).toHaveLength(1);
    expect(gateway.mount.rooms.size).toBe(0);
  });
});

describe('events over the rate', () => {
  it('are dropped: the last that fits is handled, one error tells of the rest', async () => {
    const { user, gateway, clock } = await start();
    const socket = await user({ role: 'ADMIN' });
    const received = record(socket);
    for (let id = 1; id <= 25; id++) socket.emit('subscribe:guild', String(id));
    await eventually(() => received.length === 1, 'the error');
    await turns(5);
    expect(received).toEqual([['error', { message: 'Too many events (max: 20 per second)' }]]);
    expect(gateway.mount.rooms.size).toBe(20);
    await clock.advance(1100);
    expect(await socket.emitWithAck('subscribe:guild', '25')).toEqual({ ok: true });
    expect(socket.connected).toBe(true);
  });

  it('of a minute are told by the second', async () => {
    const { user } = await start({ maxMessages: 90, messageWindowMs: 60_000 });
    const socket = await user();
    const error = next(socket, 'error');
    for (let count = 0; count < 91; count++) socket.emit('unsubscribe:guild', '1');
    expect(await error).toEqual({ message: 'Too many events (max: 2 per second)' });
  });

  it('for ten seconds disconnect, and not before', async () => {
    const { user, clock, gateway } = await start();
    const socket = await user();
    const received = record(socket);
    const reason = next(socket, 'disconnect');
    const burst = () => {
      for (let count = 0; count < 30; count++) socket.emit('unsubscribe:guild', '1');
    };
    const before = gateway.mount.stats().received;
    for (let second = 1; second <= 10; second++) {
      burst();
      await eventually(() => gateway.mount.stats().received === before + 30 * second, 'the burst arrives');
      expect([socket.connected, gateway.io.sockets.sockets.size]).toEqual([true, 1]);
      await clock.advance(1000);
    }
    burst();
    expect(await reason).toBe('io server disconnect');
    expect(received).toEqual([['error', { message: 'Too many events (max: 20 per second)' }]]);
  });

  it('with pauses between them are forgiven each time', async () => {
    const { user, clock } = await start();
    const socket = await user();
    const received = record(socket);
    for (let round = 1; round <= 5; round++) {
      for (let count = 0; count < 21; count++) socket.emit('unsubscribe:guild', '1');
      await eventually(() => received.length === round, 'the error of this round');
      await clock.advance(4000);
    }
    expect(socket.connected).toBe(true);
  });

  it('that are none of the protocol count too, and a flood of packets that are no events ends the connection', async () => {
    const { user, gateway } = await start();
    const socket = await user();
    const error = next(socket, 'error');
    for (let count = 0; count < 21; count++) socket.emit('anything', 1);
    expect(await error).toEqual({ message: 'Too many events (max: 20 per second)' });
    const reason = next(socket, 'disconnect');
    for (let count = 0; count < 1100; count++) socket.io.engine.write('3999[]');
    expect(await reason).toBe('io server disconnect');
    await eventually(() => gateway.mount.stats().closed[1008] === 1, 'it is counted');
  });
});

describe('events that are none of the protocol', () => {
  it.each([
    ['error', ['boom']],
    ['message:new', [{}]],
    ['subscribe', ['1']],
    ['__proto__', [{}]],
    ['subscribe:guild', ['1', 'no callback', { not: 'one' }]],
    ['anything', [Buffer.from('bytes')]],
    ['subscribe:guild', [Buffer.from('1')]],
  ])('%s %j do no harm', async (event, args) => {
    const { user, logger } = await start();
    const socket = await user();
    socket.emit(event, ...args);
    expect(await socket.emitWithAck('subscribe:guild', '2')).toEqual({ ok: true });
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
