import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageTypes, parsePublishEvent } from '../src/index.js';
import { samples } from './support/data.js';

const issues = (input: unknown) => {
  const parsed = parsePublishEvent(input);
  return parsed.ok ? [] : parsed.issues;
};
const paths = (input: unknown) => issues(input).map(({ path }) => path);

describe('an event that is published', () => {
  it.each(messageTypes)('may be %s', (type) => {
    const event = { type, data: samples[type] };
    expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
  });

  it.each([{ room: 'group:g' }, { to: 'c-1' }, { user_id: 'u-1' }, { id: 'm-1' }, { timestamp: 5 }])(
    'may have %j',
    (more) => {
      const event = { type: 'notification', data: { message: 'x' }, ...more };
      expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
    },
  );

  it('counts null as absent', () => {
    const event = { type: 'notification', data: {} };
    const nulls = { room: null, to: null, user_id: null, id: null, timestamp: null };
    expect(parsePublishEvent({ ...event, ...nulls })).toEqual({ ok: true, value: event });
    expect(parsePublishEvent({ type: 'message', data: null })).toEqual({
      ok: true,
      value: { type: 'message', data: null },
    });
  });

  it('goes to one place', () => {
    expect(paths({ type: 'message', data: 1, room: 'r', to: 'c', user_id: 'u' })).toEqual(['to', 'user_id']);
  });

  it.each(['user_profile_update', 'group_membership_change'] as const)('%s goes to the user it is about', (type) => {
    const event = { type, data: samples[type] };
    expect(paths({ ...event, user_id: 'u-1' })).toEqual([]);
    expect(paths({ ...event, user_id: 'u-2' })).toEqual(['user_id']);
    expect(paths({ ...event, room: 'group:g', to: 'c-1' })).toEqual(['room', 'to']);
  });

  it.each<[unknown, string, string]>([
    [null, '', 'expected an object, got null'],
    [[], '', 'expected an object, got a list'],
    [{ data: {} }, 'type', 'expected one of system, '],
    [{ type: 'toString', data: {} }, 'type', 'got "toString"'],
    [{ type: 'message' }, 'data', 'expected any JSON, got nothing'],
    [{ type: 'notification', data: 'x' }, 'data', 'expected an object, got "x"'],
    [
      { type: 'presence', data: { userId: 'u', status: 'busy' } },
      'data.status',
      'expected one of online, away, offline',
    ],
    [{ type: 'user_profile_update', data: { profile: {} } }, 'data.user_id', 'got nothing'],
    [{ type: 'user_profile_update', data: { user_id: 'u', character_id: 'x' } }, 'data.character_id', 'whole number'],
    [{ type: 'group_membership_change', data: { user_id: 'u', group_id: 'g' } }, 'data.joined', 'expected a boolean'],
    [
      { type: 'group_membership_change', data: { user_id: 'u', group_id: '', joined: true } },
      'data.group_id',
      'got ""',
    ],
    [{ type: 'message', data: 1, room: 'x'.repeat(137) }, 'room', 'expected a text of 1 to 136 characters'],
    [{ type: 'message', data: 1, timestamp: 'now' }, 'timestamp', 'expected epoch milliseconds or an RFC 3339 time'],
    [{ type: 'message', data: 1, rooms: ['a'] }, '', 'unknown: "rooms"'],
  ])('is not %j', (input, path, message) => {
    expect(issues(input)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('is told of everything that is wrong with it', () => {
    expect(paths({ type: 'group_membership_change', data: {}, id: 5 })).toEqual([
      'id',
      'data.user_id',
      'data.group_id',
      'data.joined',
    ]);
  });

  it('may be nested 32 levels deep', () => {
    const nested = (levels: number) =>
      JSON.parse(`{"type":"message","data":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect([31, 32].map((levels) => paths(nested(levels)))).toEqual([[], []]);
    expect([33, 30_000].map((levels) => paths(nested(levels)))).toEqual([['data'], ['data']]);
  });

  it('never makes anything throw', () => {
    const input = fc.oneof(
      fc.jsonValue(),
      fc.record({ type: fc.constantFrom(...messageTypes), data: fc.jsonValue(), room: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(input, (value) => {
        const parsed = parsePublishEvent(value);
        expect(parsed.ok || parsed.issues.length > 0).toBe(true);
      }),
    );
  });
});
