import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeServerMessage,
  isWelcome,
  type MessageType,
  messageTypes,
  parseServerMessage,
  type ServerData,
} from '../src/index.js';
import { samples } from './support/data.js';

const read = (message: unknown) => parseServerMessage(JSON.stringify(message));
const at = Date.UTC(2024, 0, 1, 12);

describe('a message of a server', () => {
  it.each(messageTypes)('comes back from its encoding: %s', (type) => {
    const data = samples[type] as ServerData[MessageType];
    const envelope = { room: 'group:g', from: 'c-1', to: 'c-2', id: 'm-1' };
    expect(parseServerMessage(encodeServerMessage(type, data, at, envelope))).toEqual({
      ok: true,
      value: { type, ...envelope, data, timestamp: '2024-01-01T12:00:00.000Z' },
    });
    expect(JSON.parse(encodeServerMessage(type, data, at))).toEqual({
      type,
      data,
      timestamp: '2024-01-01T12:00:00.000Z',
    });
  });

  it('keeps what it does not know in data, and nothing else', () => {
    for (const type of messageTypes) {
      const data = { ...(samples[type] as object), colour: 'green' };
      expect(read({ type, data, colour: 'red' })).toEqual({ ok: true, value: { type, data } });
    }
  });

  it('keeps keys that objects have of their own', () => {
    const parsed = parseServerMessage('{"type":"error","data":{"message":"no","__proto__":{"admin":true}}}');
    expect(parsed.ok && Object.hasOwn(parsed.value.data as object, '__proto__')).toBe(true);
  });

  it('of another server may have its time in milliseconds, or none', () => {
    const value = (timestamp: unknown) => read({ type: 'message', data: 1, timestamp });
    expect(value(at)).toMatchObject({ value: { timestamp: '2024-01-01T12:00:00.000Z' } });
    expect(value('2024-01-01T12:00:00Z')).toMatchObject({ value: { timestamp: '2024-01-01T12:00:00Z' } });
    for (const wrong of [undefined, null, 'now', 1e300, {}])
      expect(value(wrong)).toEqual({ ok: true, value: { type: 'message', data: 1 } });
  });

  it('of another server may be a heartbeat without data', () => {
    expect(read({ type: 'heartbeat' })).toEqual({ ok: true, value: { type: 'heartbeat', data: {} } });
  });

  it.each<[unknown, string]>([
    [5, ''],
    [{ data: {} }, 'type'],
    [{ type: 'backend_status', data: {} }, 'type'],
    [{ type: 'toString', data: {} }, 'type'],
    [{ type: 'message', data: 1, room: 5 }, 'room'],
    [{ type: 'message', data: 1, id: {} }, 'id'],
    [{ type: 'error', data: {} }, 'data.message'],
    [{ type: 'room_joined', data: { room_id: 'r' } }, 'data.connection_id'],
    [{ type: 'group_membership_change', data: { user_id: 'u', group_id: 'g' } }, 'data.joined'],
    [{ type: 'presence', data: { status: 'online' } }, 'data.userId'],
    [{ type: 'notification', data: 'hello' }, 'data'],
  ])('is not %j', (message, path) => {
    expect(read(message)).toMatchObject({
      ok: false,
      issues: [{ path, message: expect.stringMatching(/^expected /) }],
    });
  });

  it('is JSON', () => {
    expect(parseServerMessage('pong')).toMatchObject({ ok: false, issues: [{ path: '' }] });
  });

  it('never makes anything throw', () => {
    const message = fc.record({
      type: fc.oneof(fc.constantFrom(...messageTypes), fc.jsonValue()),
      data: fc.jsonValue(),
      room: fc.option(fc.jsonValue()),
      timestamp: fc.jsonValue(),
    });
    const text = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (sent) => {
        const parsed = parseServerMessage(sent);
        expect(parsed.ok || parsed.issues.length > 0).toBe(true);
      }),
    );
  });
});

describe('the first frame', () => {
  it('tells who one is; an announcement does not', () => {
    const of = (type: MessageType, data: unknown) => {
      const parsed = read({ type, data });
      return parsed.ok && isWelcome(parsed.value);
    };
    expect(of('system_notification', { message: 'Hi', connection_id: 'c', user_id: 'u' })).toBe(true);
    expect(of('system_notification', { message: 'Hi', user_id: 'u' })).toBe(false);
    expect(of('message', { connection_id: 'c', user_id: 'u' })).toBe(false);
  });
});
