import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventFields, eventTypes, parsePublishEvent } from '../src/index.js';
import { eventMessages } from './support/data.js';

const samples = [
  ...eventMessages.map(({ message_type, data }) => ({ message_type, data })),
  {
    message_type: 'item_updated',
    data: { item_id: 'i', seller_id: 's', changes: ['name', 'category'], updated_at: '2024-01-15T10:30:00+02:00' },
  },
];

const [created] = samples as [(typeof samples)[number]];

function issues(input: unknown) {
  const parsed = parsePublishEvent(input);
  return parsed.ok ? [] : parsed.issues;
}

describe('an event that is published', () => {
  it.each(samples)('may be $message_type', (sample) => {
    expect(parsePublishEvent(sample)).toEqual({ ok: true, value: sample });
  });

  it.each(samples)('$message_type needs each of its fields, in the right form', ({ message_type, data }) => {
    for (const field of Object.keys(data)) {
      const { [field]: _, ...rest } = data as Record<string, unknown>;
      expect(issues({ message_type, data: rest })).toEqual([
        { path: `data.${field}`, message: expect.stringMatching(/^expected .*, got nothing$/) },
      ]);
      for (const wrong of [{}, true]) {
        expect(issues({ message_type, data: { ...data, [field]: wrong } }).map(({ path }) => path)).toEqual([
          `data.${field}`,
        ]);
      }
    }
    expect(Object.keys(eventFields[message_type as keyof typeof eventFields])).toEqual(Object.keys(data));
  });

  it('may be in a room, and have a time', () => {
    const value = { ...created, room: 'front-page', timestamp: '2024-01-15T10:30:00.123Z' };
    expect(parsePublishEvent(value)).toEqual({ ok: true, value });
    expect(parsePublishEvent({ ...created, room: null })).toEqual({ ok: true, value: created });
  });

  it('may have more data than is known', () => {
    const data = { ...created.data, colour: 'green', nested: { deep: [1] } };
    expect(parsePublishEvent({ ...created, data })).toEqual({ ok: true, value: { ...created, data } });
  });

  it('of redeemed credits may be for no item', () => {
    const data = { user_id: 'u', amount: 0, item_id: null, redeemed_at: '2024-01-15T10:30:00Z' };
    expect(issues({ message_type: 'credits_redeemed', data })).toEqual([]);
  });

  it.each<[object, string, string]>([
    [{ total_boxes: 2.5 }, 'data.total_boxes', 'expected a whole number, got 2.5'],
    [{ total_boxes: -1 }, 'data.total_boxes', 'expected at least 0, got -1'],
    [{ box_price: -0.01 }, 'data.box_price', 'expected at least 0, got -0.01'],
    [{ box_price: '2.50' }, 'data.box_price', 'expected a number, got "2.50"'],
    [{ raffle_id: '' }, 'data.raffle_id', 'expected at least 1 characters, got ""'],
    [{ created_at: 'yesterday' }, 'data.created_at', 'expected an ISO 8601 time with offset, got "yesterday"'],
    [{ created_at: '2024-01-15' }, 'data.created_at', 'expected an ISO 8601 time with offset, got "2024-01-15"'],
  ])('with %j is refused', (fields, path, message) => {
    expect(issues({ ...created, data: { ...created.data, ...fields } })).toEqual([{ path, message }]);
  });

  it.each<[unknown, string, string]>([
    [null, '', 'expected an object, got null'],
    [[created], '', 'expected an object, got a list of 1'],
    ['raffle_full', '', 'expected an object, got "raffle_full"'],
    [{ ...created, message_type: 'raffle_sold' }, 'message_type', 'got "raffle_sold"'],
    [{ ...created, message_type: 'toString' }, 'message_type', 'got "toString"'],
    [{ data: created.data }, 'message_type', 'got nothing'],
    [{ message_type: 'raffle_full' }, 'data', 'expected an object, got nothing'],
    [{ message_type: 'raffle_full', data: [] }, 'data', 'expected an object, got a list of 0'],
    [{ ...created, room: 5 }, 'room', 'expected a string, got 5'],
    [{ ...created, room: '' }, 'room', 'expected at least 1 characters, got ""'],
    [{ ...created, timestamp: 'now' }, 'timestamp', 'expected an ISO 8601 time with offset, got "now"'],
    [{ ...created, rooms: ['a'], to: 'b' }, '', 'unknown: "rooms", "to"'],
  ])('is not %j', (input, path, message) => {
    expect(issues(input)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('is told of everything that is wrong with it', () => {
    const data = { ...created.data, raffle_id: 1, item_id: 2 };
    expect(issues({ message_type: 'raffle_created', data, room: 3 }).map(({ path }) => path)).toEqual([
      'room',
      'data.raffle_id',
      'data.item_id',
    ]);
  });

  it('has at most 1000 winners, and a hundred broken ones are described', () => {
    const winner_selected = (winner_user_ids: unknown[]) => ({
      message_type: 'winner_selected',
      data: { raffle_id: 'r', item_id: 'i', winner_user_ids, completed_at: '2024-01-15T10:30:00Z' },
    });
    expect(issues(winner_selected(Array(1000).fill('u')))).toEqual([]);
    expect(issues(winner_selected(Array(1001).fill('u')))).toMatchObject([{ path: 'data.winner_user_ids' }]);
    expect(issues(winner_selected(Array(1000).fill(5)))).toHaveLength(101);
  });

  it('never makes anything throw', () => {
    const input = fc.oneof(
      fc.jsonValue(),
      fc.record({ message_type: fc.constantFrom(...eventTypes), data: fc.jsonValue(), room: fc.jsonValue() }),
      fc.constantFrom(...samples).chain(({ message_type, data }) =>
        fc.record({
          message_type: fc.constant(message_type),
          data: fc.record(Object.fromEntries(Object.keys(data).map((field) => [field, fc.jsonValue()]))),
        }),
      ),
    );
    fc.assert(
      fc.property(input, (value) => {
        const parsed = parsePublishEvent(value);
        expect(parsed.ok || parsed.issues.length > 0).toBe(true);
      }),
    );
  });
});
