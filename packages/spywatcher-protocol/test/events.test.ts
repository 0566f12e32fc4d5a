import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Ack,
  ack,
  analyticsRoom,
  type ClientToServerEvents,
  clientEventNames,
  guildEventNames,
  guildRoom,
  isServerEventName,
  parseClientEvent,
  parseRoom,
  parseServerEvent,
  platformsOf,
  type ServerToClientEvents,
  type SocketData,
  sanitise,
  serverEvents,
  user,
  userOf,
} from '../src/index.js';
import { example, examples, guildId } from './support/data.js';

describe('an event of the server', () => {
  it('of each documented shape has an example', () => {
    expect(examples.map(({ event }) => event)).toEqual(Object.keys(serverEvents));
    expect(Object.keys(serverEvents)).toEqual(['analytics:update', ...guildEventNames, 'events:missed', 'error']);
  });

  it.each(examples)('$event is read as it is documented', ({ event, data }) => {
    expect(parseServerEvent(event, data)).toEqual({ ok: true, value: data });
  });

  it.each(examples)('$event keeps its documented fields only, and each is needed', ({ event, data }) => {
    expect(sanitise(event, { ...data, content: 'the text of a message' })).toEqual(data);
    for (const field of Object.keys(data)) {
      const { [field]: _, ...rest } = data;
      expect(sanitise(event, rest)).toBeUndefined();
      const parsed = parseServerEvent(event, rest);
      expect(parsed.ok ? [] : parsed.issues.map(({ path }) => path)).toEqual([field]);
    }
  });

  it.each(guildEventNames)('%s says of which guild it is where the server does', (event) => {
    expect(sanitise(event, { ...example(event), guildId })).toEqual({ ...example(event), guildId });
  });

  it.each([null, undefined, 5, 'x', []])('%j is none', (data) => {
    expect(parseServerEvent('error', data)).toMatchObject({ ok: false, issues: [{ path: '' }] });
  });

  it('is known by its name', () => {
    expect(isServerEventName('message:new')).toBe(true);
    for (const name of ['subscribe:guild', 'toString', 5, undefined]) expect(isServerEventName(name)).toBe(false);
  });

  it('has a type that says the same', () => {
    expectTypeOf<Parameters<ServerToClientEvents['message:new']>[0]>().toEqualTypeOf<{
      guildId?: string | undefined;
      userId: string;
      username: string;
      channelId: string;
      channelName: string;
      timestamp: string;
    }>();
    expectTypeOf<Parameters<ServerToClientEvents['error']>>().toEqualTypeOf<[{ message: string }]>();
  });
});

describe('an event of the client', () => {
  it('is what to do in which room of a guild', () => {
    const read = clientEventNames.map((name) => parseClientEvent(name, guildId));
    expect(read).toEqual([
      { action: 'subscribe', room: 'analytics', guildId },
      { action: 'unsubscribe', room: 'analytics', guildId },
      { action: 'subscribe', room: 'guild', guildId },
      { action: 'unsubscribe', room: 'guild', guildId },
    ]);
  });

  it.each([undefined, null, 5, '', {}, [], ['123'], true, 'x'.repeat(129), 'a\nb', '\ud800', Buffer.from('1')])(
    'has no guild where the id is %j',
    (id) => {
      expect(parseClientEvent('subscribe:guild', id)).toEqual({
        action: 'subscribe',
        room: 'guild',
        guildId: undefined,
      });
    },
  );

  it('may have an id of 128 characters', () => {
    expect(parseClientEvent('subscribe:guild', 'x'.repeat(128))?.guildId).toBe('x'.repeat(128));
  });

  it.each(['error', 'connect', 'message:new', '', 5, undefined, 'toString'])('is not %j', (name) => {
    expect(parseClientEvent(name, guildId)).toBeUndefined();
  });

  it('is acknowledged with ok, or with a reason', () => {
    expectTypeOf<Parameters<NonNullable<Parameters<ClientToServerEvents['subscribe:guild']>[1]>>>().toEqualTypeOf<
      [Ack]
    >();
    for (const answer of [{ ok: true }, { ok: false }, { ok: false, message: 'Invalid guild ID' }]) {
      expect(ack.parse(answer)).toEqual(answer);
    }
    expect(ack.safeParse({ ok: 'yes' }).success).toBe(false);
  });
});

describe('a room', () => {
  it('is of the analytics or the events of a guild', () => {
    expect(parseRoom(analyticsRoom('1:2'))).toEqual({ kind: 'analytics', guildId: '1:2' });
    expect(parseRoom(guildRoom(guildId))).toEqual({ kind: 'guild', guildId });
    for (const room of ['kZ8xqP3', 'other:1', '', ':1', 'guild']) expect(parseRoom(room)).toBeUndefined();
    expect([analyticsRoom('1'), guildRoom('1')]).toEqual(['analytics:1', 'guild:1']);
  });
});

describe('the user of a token', () => {
  const claims = { discordId: '111111111111111111', access: true, role: 'USER' };

  it('has an id, a role and the guilds that the token grants', () => {
    expect(userOf(claims)).toEqual({ discordId: claims.discordId, role: 'USER', guilds: [] });
    expect(userOf({ ...claims, exp: 5, guilds: ['1', 2, '', '3'], access: 'token' })).toEqual({
      discordId: claims.discordId,
      role: 'USER',
      guilds: ['1', '3'],
      expiresAt: 5000,
    });
    expectTypeOf<SocketData['user']>().toEqualTypeOf<NonNullable<ReturnType<typeof userOf>>>();
    expect(user.safeParse(userOf(claims)).success).toBe(true);
  });

  it.each(['discordId', 'access', 'role'])('is none without %s', (claim) => {
    for (const value of [undefined, null, '', false, 0]) expect(userOf({ ...claims, [claim]: value })).toBeUndefined();
  });

  it('is none who is banned, and none where there are no claims', () => {
    expect(userOf({ ...claims, role: 'BANNED' })).toBeUndefined();
    for (const payload of [undefined, null, 'x', 5, []]) expect(userOf(payload)).toBeUndefined();
    for (const discordId of [5, {}, ['1']]) expect(userOf({ ...claims, discordId })).toBeUndefined();
  });
});

describe('the platforms of a presence', () => {
  it('are those with a status that is not offline', () => {
    expect(platformsOf({ web: 'idle', desktop: 'online', mobile: 'dnd' })).toEqual(['desktop', 'mobile', 'web']);
    expect(platformsOf({ web: 'offline', desktop: null, mobile: '' })).toEqual([]);
    expect(platformsOf()).toEqual([]);
  });
});
