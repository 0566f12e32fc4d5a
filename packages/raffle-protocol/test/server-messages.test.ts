import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTypes, parsePublishEvent, parseServerMessage } from '../src/index.js';
import { serverMessages } from './support/data.js';

const timestamp = '2024-01-15T10:30:00Z';

function read(message: unknown) {
  return parseServerMessage(JSON.stringify(message));
}

describe('a message of a server', () => {
  it('keeps fields that the protocol does not know', () => {
    for (const message of serverMessages) {
      const extended = { ...message, id: 5, data: { ...message.data, colour: 'green' } };
      expect(read(extended)).toEqual({ ok: true, value: extended });
    }
  });

  it('of another server may be out of our bounds: types count, not values', () => {
    const data = {
      raffle_id: '',
      user_id: 'u',
      box_number: -1,
      boxes_remaining: 0.5,
      completion_percentage: 101,
      purchased_at: '2024-01-15T10:30:00.123456',
    };
    expect(read({ message_type: 'box_purchased', data, timestamp: 'today' })).toMatchObject({ ok: true });
    expect(parsePublishEvent({ message_type: 'box_purchased', data })).toMatchObject({ ok: false });
  });

  it('may tell that events were missed, with any fields or none', () => {
    for (const data of [{}, { topic: 'events' }]) {
      const message = { message_type: 'events_missed', data, timestamp };
      expect(read(message)).toEqual({ ok: true, value: message });
    }
  });

  it.each<[unknown, string]>([
    [5, ''],
    [{ message_type: 'events_missed', timestamp }, 'data'],
    [{ message_type: 'pong', timestamp }, 'data'],
    [{ message_type: 'pong', data: { timestamp: '1705320600' }, timestamp }, 'data.timestamp'],
    [{ message_type: 'raffle_moved', data: {}, timestamp }, 'message_type'],
    [{ message_type: 'toString', data: {}, timestamp }, 'message_type'],
    [{ data: {}, timestamp }, 'message_type'],
    [{ message_type: 'user_left', data: { user_id: 'u', left_at: timestamp } }, 'timestamp'],
    [{ message_type: 'user_left', data: { user_id: 'u' }, timestamp }, 'data.left_at'],
  ])('is not %j', (message, path) => {
    expect(read(message)).toMatchObject({ ok: false, issues: [{ path }] });
  });

  it('is JSON', () => {
    expect(parseServerMessage('pong')).toEqual({ ok: false, issues: [{ path: '', message: 'expected JSON' }] });
  });

  it('never makes anything throw', () => {
    const message = fc.record({
      message_type: fc.oneof(fc.constantFrom('pong', 'events_missed', ...eventTypes), fc.jsonValue()),
      data: fc.jsonValue(),
      timestamp: fc.string(),
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
