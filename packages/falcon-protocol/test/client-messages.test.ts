import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clientMessages,
  clientMessageTypes,
  encodeClientMessage,
  messageTypes,
  parseClientMessage,
} from '../src/index.js';

const parse = (value: unknown, maxDataBytes?: number) => parseClientMessage(JSON.stringify(value), maxDataBytes);

/** The code of the refusal, or `ok`. */
const codeOf = (value: unknown, maxDataBytes?: number): string => {
  const parsed = parse(value, maxDataBytes);
  return parsed.ok ? 'ok' : parsed.code;
};
const system = (data: unknown) => ({ type: 'system', data });

describe('a message that is none', () => {
  it.each(['', 'ping', '{', 'null', '5', '"ping"', '[]', '{}', '{"type":null}', '{"type":5}', '{"data":{}}'])(
    'is invalid_message: %s',
    (text) => expect(parseClientMessage(text)).toMatchObject({ ok: false, code: 'invalid_message' }),
  );

  it.each(['hello', 'Message', '', 'constructor', '__proto__', 'toString', 'x'.repeat(60_000)])(
    'has an unknown type: %s',
    (type) => {
      const parsed = parse({ type, id: '1' });
      expect(parsed).toMatchObject({ ok: false, code: 'unknown_type', id: '1' });
      expect(JSON.stringify(parsed).length).toBeLessThan(300);
    },
  );

  it('has a type that only the server sends', () => {
    const serverOnly = messageTypes.filter((type) => !(clientMessageTypes as readonly string[]).includes(type));
    expect(serverOnly).toHaveLength(8);
    for (const type of serverOnly) expect(codeOf({ type, data: {} })).toBe('server_only_type');
  });
});

describe('the id of a refused message', () => {
  it('is repeated where it is a text of 1 to 128 characters', () => {
    for (const id of ['1', 'é'.repeat(128)]) expect(parse({ type: 'hello', id })).toMatchObject({ id });
    for (const id of ['', 'x'.repeat(129), 5, {}, ['1'], '\ud800', 'a\nb']) {
      expect(parse({ type: 'hello', id })).not.toHaveProperty('id');
      expect(parse({ type: 'heartbeat', id })).toMatchObject({ ok: false, code: 'invalid_message' });
    }
  });

  it('may be left out, and null is absent', () => {
    expect(parse({ type: 'heartbeat', id: null })).toEqual({ ok: true, message: { type: 'heartbeat' } });
  });
});

describe('system', () => {
  it.each([
    { action: 'join', room: 'thread:1' },
    { action: 'leave', room: 'lobby' },
    { action: 'ping' },
    { action: 'subscribe_presence', userIds: ['a', 'b'] },
    { action: 'unsubscribe_presence', userIds: [] },
  ])('asks: %j', (data) => {
    expect(parse({ ...system(data), id: 'x', from: 'me' })).toEqual({
      ok: true,
      message: { type: 'system', id: 'x', data },
    });
  });

  it('may name the room beside the data', () => {
    const message = { type: 'system', data: { action: 'join', room: 'lobby' } };
    expect(parse({ type: 'system', room: 'lobby', data: { action: 'join' } })).toEqual({ ok: true, message });
    expect(parse({ type: 'system', room: 'other', data: message.data })).toEqual({ ok: true, message });
  });

  it.each(['subscribe_presence', 'unsubscribe_presence'])('may name a single user: %s', (action) => {
    const message = (userIds: string[]) => ({ ok: true, message: { type: 'system', data: { action, userIds } } });
    expect(parse(system({ action, userId: 'a' }))).toEqual(message(['a']));
    expect(parse(system({ action, userId: 'a', userIds: ['b'] }))).toEqual(message(['b']));
  });

  it.each([
    [undefined, 'data'],
    [null, 'data'],
    ['ping', 'data'],
    [{}, 'data.action'],
    [{ action: 'shutdown' }, 'data.action'],
    [{ action: 'join' }, 'data.room'],
    [{ action: 'join', room: '' }, 'data.room'],
    [{ action: 'join', room: 5 }, 'data.room'],
    [{ action: 'join', room: 'a\u0000b' }, 'data.room'],
    [{ action: 'join', room: '\udc00' }, 'data.room'],
    [{ action: 'subscribe_presence' }, 'data.userIds'],
    [{ action: 'subscribe_presence', userIds: 'a' }, 'data.userIds'],
    [{ action: 'subscribe_presence', userId: 5 }, 'data.userIds.0'],
    [{ action: 'subscribe_presence', userId: '' }, 'data.userIds.0'],
    [{ action: 'subscribe_presence', userIds: ['a', 5] }, 'data.userIds.1'],
  ])('is not %j', (data, path) => {
    const parsed = parse(system(data));
    expect(parsed).toMatchObject({ ok: false, code: 'invalid_data' });
    expect(!parsed.ok && parsed.message).toMatch(new RegExp(`^${path}: expected .*, got `));
  });

  it('takes rooms of up to 136 characters', () => {
    const join = (length: number) => codeOf(system({ action: 'join', room: 'r'.repeat(length) }));
    expect([join(135), join(136), join(137)]).toEqual(['ok', 'ok', 'invalid_data']);
  });
});

describe('presence', () => {
  it('is of a user, with a status and perhaps metadata', () => {
    const data = { userId: 'u', status: 'away', metadata: { ship: 'Rifter' } };
    expect(parse({ type: 'presence', data })).toEqual({ ok: true, message: { type: 'presence', data } });
    for (const status of ['online', 'offline'])
      expect(codeOf({ type: 'presence', data: { ...data, status } })).toBe('ok');
    for (const wrong of [{ status: 'busy' }, { userId: '' }, { userId: 5 }, { metadata: [] }, { metadata: 'x' }]) {
      expect(codeOf({ type: 'presence', data: { ...data, ...wrong } })).toBe('invalid_data');
    }
  });

  it('has at most 1024 bytes of metadata', () => {
    const of = (bytes: number) => ({ userId: 'u', status: 'online', metadata: { m: 'x'.repeat(bytes - 8) } });
    const codes = [1023, 1024, 1025].map((bytes) => codeOf({ type: 'presence', data: of(bytes) }));
    expect(codes).toEqual(['ok', 'ok', 'data_too_large']);
  });
});

describe.each(['message', 'custom_event'])('%s', (type) => {
  it.each([{ room: 'lobby' }, { to: 'c-1' }, { room: 'lobby', to: 'c-1' }])('goes to %j', (target) => {
    const message = { type, ...target, data: { text: 'Hello!' } };
    expect(parse({ ...message, from: 'somebody else', timestamp: 5, colour: 'red' })).toEqual({ ok: true, message });
  });

  it.each([null, 0, '', [], false, { deep: [{}] }])('may have %j as data', (data) => {
    expect(parse({ type, room: 'r', data })).toEqual({ ok: true, message: { type, room: 'r', data } });
  });

  it('needs data and somebody it is for', () => {
    expect(codeOf({ type, room: 'r' })).toBe('invalid_data');
    expect(codeOf({ type, data: {} })).toBe('missing_target');
    expect(codeOf({ type, data: {}, room: null, to: null })).toBe('missing_target');
  });

  it.each([
    { room: '' },
    { room: 5 },
    { room: 'x'.repeat(137) },
    { room: 'r', to: 7 },
    { to: '' },
    { to: 'x'.repeat(129) },
  ])('is for nobody: %j', (target) => expect(codeOf({ type, data: {}, ...target })).toBe('invalid_message'));

  it('is refused where its data has too many bytes', () => {
    const exact = (bytes: number) => codeOf({ type, room: 'r', data: 'x'.repeat(bytes - 2) });
    expect([exact(32_767), exact(32_768), exact(32_769)]).toEqual(['ok', 'ok', 'data_too_large']);
    const wide = (bytes: number) => codeOf({ type, room: 'r', data: 'é'.repeat((bytes - 2) / 2) });
    expect([wide(32_768), wide(32_770)]).toEqual(['ok', 'data_too_large']);
  });

  it('is refused where its data is nested too deep', () => {
    const depth = (levels: number) => {
      const text = `{"type":"${type}","room":"r","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
      const parsed = parseClientMessage(text);
      return parsed.ok ? 'ok' : parsed.code;
    };
    expect([31, 32, 33, 30_000].map(depth)).toEqual(['ok', 'ok', 'invalid_data', 'invalid_data']);
  });

  it('keeps keys that objects have of their own', () => {
    const text = `{"type":"${type}","room":"r","data":{"__proto__":{"admin":true},"constructor":1}}`;
    const parsed = parseClientMessage(text);
    expect(parsed.ok && JSON.stringify(parsed.message)).toBe(text);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });
});

describe('the timestamp of a message', () => {
  it.each([0, 1_704_110_400_000, '2024-01-01T12:00:00Z', '2024-01-01T12:00:00.123+02:00', null])(
    'may be %j',
    (timestamp) => expect(codeOf({ type: 'heartbeat', timestamp })).toBe('ok'),
  );

  it.each(['', 'now', '2024-01-01', '2024-13-01T00:00:00Z', 1e300, {}, true])('may not be %j', (timestamp) => {
    expect(parse({ type: 'heartbeat', timestamp, id: 'i' })).toMatchObject({ code: 'invalid_message', id: 'i' });
  });
});

describe('whatever a client sends', () => {
  const message = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...messageTypes), fc.jsonValue()),
      room: fc.oneof(fc.string(), fc.jsonValue()),
      to: fc.oneof(fc.string(), fc.jsonValue()),
      id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      timestamp: fc.oneof(fc.integer(), fc.jsonValue()),
      data: fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            action: fc.oneof(fc.constantFrom('join', 'leave', 'ping', 'subscribe_presence'), fc.jsonValue()),
            room: fc.oneof(fc.string(), fc.jsonValue()),
            userIds: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
            userId: fc.oneof(fc.string(), fc.jsonValue()),
            status: fc.oneof(fc.constantFrom('online', 'away'), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  );

  it('parsing never throws, and what it takes fits the published schema', () => {
    const text = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (sent) => {
        const parsed = parseClientMessage(sent);
        if (!parsed.ok) expect(parsed.message.length).toBeGreaterThan(0);
        else expect(clientMessages[parsed.message.type].safeParse(parsed.message)).toMatchObject({ success: true });
      }),
      { numRuns: 500 },
    );
  });

  it('comes back from its encoding', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.jsonValue({ maxDepth: 5 }), (room, id, data) => {
        const sent = { type: 'message' as const, room, id, data: JSON.parse(JSON.stringify(data)) as unknown };
        expect(parseClientMessage(encodeClientMessage(sent))).toEqual({ ok: true, message: sent });
      }),
    );
  });
});
