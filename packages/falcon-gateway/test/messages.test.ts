import { afterEach, describe, expect, it } from 'vitest';
import { brief, say, start, stopAll, system } from './support/server.js';

afterEach(stopAll);

describe('a message with an id is answered by a frame with that id', () => {
  it.each([
    [{ type: 'heartbeat' }, 'heartbeat', { timestamp: expect.stringMatching(/Z$/) }],
    [{ type: 'heartbeat', data: { any: 1 } }, 'heartbeat', {}],
    [system('ping'), 'system', { action: 'pong', ok: true }],
    [system('join', { room: 'lobby' }), 'system', { action: 'join', ok: true, room: 'lobby' }],
    [system('subscribe_presence', { userIds: ['bob'] }), 'system', { action: 'subscribe_presence', ok: true }],
    [system('unsubscribe_presence', { userIds: ['bob'] }), 'system', { action: 'unsubscribe_presence', ok: true }],
    [{ type: 'presence', data: { userId: 'ada', status: 'away' } }, 'system', { action: 'presence', ok: true }],
    [say('user:ada', 5), 'message', 5],
    [{ type: 'custom_event', room: 'user:ada', data: [1] }, 'custom_event', [1]],
    [{ type: 'nonsense' }, 'error', { code: 'unknown_type', message: expect.stringContaining('nonsense') }],
    [{ type: 'notification', data: {} }, 'error', { code: 'server_only_type' }],
  ])('%j', async (message, type, data) => {
    const server = await start();
    const member = await server.member();
    const frame = await member.ask(message, 'my-id');
    expect(frame.type).toBe(type);
    if (typeof data === 'object' && !Array.isArray(data)) expect(frame.data).toMatchObject(data);
    else expect(frame.data).toEqual(data);
    // Once, and nothing else has the id.
    expect((await member.told()).filter(({ id }) => id === 'my-id')).toEqual([]);
  });

  it('leaving too', async () => {
    const server = await start();
    const member = await server.member();
    await member.join('lobby');
    expect((await member.ask(system('leave', { room: 'lobby' }))).data).toEqual({
      action: 'leave',
      ok: true,
      room: 'lobby',
    });
  });

  it('and without an id only by what there is to tell', async () => {
    const server = await start();
    const member = await server.member();
    for (const message of [
      system('subscribe_presence', { userIds: [] }),
      system('unsubscribe_presence', { userIds: ['x'] }),
      { type: 'presence', data: { userId: 'ada', status: 'away' } },
      { type: 'message', to: member.connection, data: 1 },
      { type: 'nonsense' },
      system('ping'),
    ]) {
      member.send(message);
    }
    const frames = await member.told();
    expect(frames.map(({ type, data }) => data.code ?? data.action ?? type)).toEqual([
      'message',
      'unknown_type',
      'pong',
    ]);
    expect(frames.map(({ id }) => id)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a message to a room', () => {
  it.each(['message', 'custom_event'])('reaches all members, its sender too: %s', async (type) => {
    const server = await start();
    const [ada, bob, eve] = [await server.member('ada'), await server.member('bob'), await server.member('eve')];
    await ada.join('thread:1');
    await bob.join('thread:1');
    await ada.told();
    const sent = {
      type,
      room: 'thread:1',
      data: { text: 'Hello!', sender: 'User' },
      timestamp: 5,
      from: 'forged',
      to: null,
    };
    const copy = await ada.ask(sent, 'm-1');
    expect(copy).toEqual({
      type,
      room: 'thread:1',
      from: ada.connection,
      data: sent.data,
      timestamp: new Date(server.clock.now()).toISOString(),
      id: 'm-1',
    });
    expect(await bob.told()).toEqual([copy]);
    expect(await eve.told()).toEqual([]);
  });

  it('comes in the order in which they were sent', async () => {
    const server = await start();
    const [ada, bob] = [await server.member('ada'), await server.member('bob')];
    for (const one of [ada, bob]) await one.join('r');
    await ada.told();
    for (let number = 0; number < 200; number++) ada.send(say('r', number));
    expect((await ada.told()).map(({ data }) => data)).toEqual([...Array(200).keys()]);
    expect((await bob.told()).map(({ data }) => data)).toEqual([...Array(200).keys()]);
  });

  it('keeps keys that objects have of their own', async () => {
    const server = await start();
    const ada = await server.member('ada');
    ada.send('{"type":"message","room":"user:ada","data":{"__proto__":{"admin":true},"constructor":{"prototype":1}}}');
    const [frame] = await ada.told();
    expect(JSON.stringify(frame?.data)).toBe('{"__proto__":{"admin":true},"constructor":{"prototype":1}}');
  });
});

describe('a message that is refused', () => {
  it.each<[object, string]>([
    [say('thread:1'), 'not_in_room'],
    [say('group:g-1'), 'not_in_room'],
    [say('user:bob'), 'not_in_room'],
    [say('__proto__'), 'not_in_room'],
    [{ type: 'message', room: 'thread:1', to: 'x', data: 1 }, 'not_in_room'],
    [{ type: 'message', to: 'nobody', data: 1 }, 'unknown_recipient'],
    [{ type: 'message', to: '__proto__', data: 1 }, 'unknown_recipient'],
    [{ type: 'message', data: 1 }, 'missing_target'],
    [{ type: 'message', room: 'user:ada' }, 'invalid_data'],
    [{ type: 'message', room: 5, data: 1 }, 'invalid_message'],
    [{ type: 'message', room: 'x'.repeat(137), data: 1 }, 'invalid_message'],
    [{ type: 'message', to: 'x'.repeat(129), data: 1 }, 'invalid_message'],
    [{ type: 'presence', data: { userId: 'bob', status: 'online' } }, 'forbidden_user'],
    [{ type: 'presence', data: { userId: 'ada', status: 'busy' } }, 'invalid_data'],
    [
      { type: 'presence', data: { userId: 'ada', status: 'away', metadata: { m: 'x'.repeat(1024) } } },
      'data_too_large',
    ],
    [{ type: 'message', room: 'user:ada', data: 'x'.repeat(32_768) }, 'data_too_large'],
    [system('join', { room: 'user:bob' }), 'forbidden_room'],
    [system('join', { room: 'group:g-1' }), 'forbidden_room'],
    [system('leave', { room: 'user:ada' }), 'forbidden_room'],
    [system('leave', { room: 'lobby' }), 'not_in_room'],
    [system('shutdown'), 'invalid_data'],
    [{ type: 'system' }, 'invalid_data'],
    [{ type: 'room_joined', data: {} }, 'server_only_type'],
    [{ type: 'constructor', data: {} }, 'unknown_type'],
  ])('%j: %s', async (message, code) => {
    const server = await start();
    const [ada, bob] = [await server.member('ada'), await server.member({ user_id: 'bob', groups: ['g-1'] })];
    const frame = await ada.ask(message, 'the-id');
    expect(frame).toMatchObject({ type: 'error', id: 'the-id', data: { code, message: expect.stringMatching(/\S/) } });
    expect(await ada.told()).toEqual([]);
    expect(await bob.told()).toEqual([]);
  });

  it.each(['', 'hello', '{', '5', 'null', '[]', '{"type":5}', `{"id":"${'x'.repeat(10_000)}","type":"heartbeat"}`])(
    'that is none is told so, without an id: %s',
    async (text) => {
      const server = await start();
      const ada = await server.member();
      ada.send(text);
      const [frame] = await ada.told();
      expect(frame).toMatchObject({ type: 'error', data: { code: 'invalid_message' } });
      expect(frame).not.toHaveProperty('id');
    },
  );

  it('as binary is told so', async () => {
    const server = await start();
    const ada = await server.member();
    ada.send(Buffer.from('{"type":"heartbeat","id":"1"}'));
    expect(brief(await ada.told())).toMatchObject([['error', { code: 'invalid_message' }]]);
  });

  it('has at most as many bytes of data as the option says', async () => {
    const server = await start({ maxDataBytes: 100 });
    const ada = await server.member();
    const of = (bytes: number) => ada.codeOf(say('user:ada', 'x'.repeat(bytes - 2)));
    expect([await of(99), await of(100), await of(101)]).toEqual(['ok', 'ok', 'data_too_large']);
  });
});
