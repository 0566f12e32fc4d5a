import { describe, expect, it } from 'vitest';
import {
  eventTypes,
  type Filter,
  filters,
  filterValues,
  isPrivate,
  matches,
  parsePublishEvent,
  type RaffleEvent,
  roomsOf,
  type Subscription,
} from '../src/index.js';
import { eventMessages } from './support/data.js';

const any: Subscription = { event_type: 'all', raffle_id: null, item_id: null, user_id: null, room: null };

function published(input: unknown): RaffleEvent {
  const parsed = parsePublishEvent(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

const events: readonly RaffleEvent[] = [
  ...eventMessages.map(published),
  published({
    message_type: 'item_updated',
    data: { item_id: 'i', seller_id: 's', changes: [], updated_at: '2024-01-15T10:30:00Z' },
  }),
];

function eventOf(type: string): RaffleEvent {
  const found = events.find(({ message_type }) => message_type === type);
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found;
}

/** The fields each filter compares with, as the specification has them. */
const table: Record<string, Partial<Record<Filter, string>>> = {
  raffle_created: { raffle_id: 'raffle_id', item_id: 'item_id', user_id: 'seller_id', room: 'raffle_id' },
  box_purchased: { raffle_id: 'raffle_id', user_id: 'user_id', room: 'raffle_id' },
  raffle_full: { raffle_id: 'raffle_id', item_id: 'item_id', room: 'raffle_id' },
  winner_selected: { raffle_id: 'raffle_id', item_id: 'item_id', user_id: 'winner_user_ids', room: 'raffle_id' },
  raffle_cancelled: { raffle_id: 'raffle_id', item_id: 'item_id', room: 'raffle_id' },
  item_created: { item_id: 'item_id', user_id: 'seller_id' },
  item_updated: { item_id: 'item_id', user_id: 'seller_id' },
  item_stock_changed: { item_id: 'item_id' },
  user_joined: { user_id: 'user_id' },
  user_left: { user_id: 'user_id' },
  credits_issued: { user_id: 'user_id' },
  credits_redeemed: { user_id: 'user_id', item_id: 'item_id' },
  system_maintenance: {},
  system_alert: {},
};

describe('the filters of an event', () => {
  it.each(eventTypes)('%s compare with the fields of the table', (type) => {
    const event = eventOf(type);
    for (const filter of filters) {
      const field = table[type]?.[filter];
      const value: unknown = field === undefined ? [] : Reflect.get(event.data, field);
      const values = (Array.isArray(value) ? value : [value]).map((one) => (filter === 'room' ? `raffle_${one}` : one));
      expect(filterValues(event, filter)).toEqual(values);
    }
  });

  it('have nothing to compare with where a nullable field is null', () => {
    const data = { user_id: 'u', amount: 1, item_id: null, redeemed_at: '2024-01-15T10:30:00Z' };
    const event = published({ message_type: 'credits_redeemed', data });
    expect(filterValues(event, 'item_id')).toEqual([]);
    expect(matches({ ...any, item_id: 'null' }, event)).toBe(false);
  });

  it('are not about fields that came beside the known ones', () => {
    const event = published({ ...eventOf('box_purchased'), data: { ...eventOf('box_purchased').data, item_id: 'i' } });
    expect(filterValues(event, 'item_id')).toEqual([]);
  });
});

describe('rooms', () => {
  it('are the one it was published in and that of its raffle, each once', () => {
    const full = eventOf('raffle_full');
    expect(roomsOf(full)).toEqual(['raffle_uuid-raffle-123']);
    expect(roomsOf({ ...full, room: 'front-page' })).toEqual(['front-page', 'raffle_uuid-raffle-123']);
    expect(roomsOf({ ...full, room: 'raffle_uuid-raffle-123' })).toEqual(['raffle_uuid-raffle-123']);
    expect(roomsOf(eventOf('item_created'))).toEqual([]);
    expect(roomsOf({ ...eventOf('item_created'), room: 'raffle_x' })).toEqual(['raffle_x']);
  });
});

describe('a subscription', () => {
  it('to all without filters matches every event', () => {
    for (const event of events) expect(matches(any, event)).toBe(true);
  });

  it('to one type matches only that', () => {
    for (const event of events) {
      expect(matches({ ...any, event_type: 'raffle_full' }, event)).toBe(event.message_type === 'raffle_full');
    }
  });

  it('matches where every filter it gives does', () => {
    const event = { ...eventOf('winner_selected'), room: 'front-page' };
    const wish = {
      event_type: 'winner_selected' as const,
      raffle_id: 'uuid-raffle-123',
      item_id: 'uuid-item-456',
      user_id: 'uuid-user-789',
      room: 'front-page',
    };
    expect(matches(wish, event)).toBe(true);
    for (const filter of filters) {
      expect(matches({ ...wish, [filter]: 'another' }, event)).toBe(false);
      expect(matches({ ...wish, [filter]: null }, event)).toBe(true);
    }
  });

  it('of the document’s second example gets what happens to its item in its raffle’s room', () => {
    const wish = { ...any, item_id: 'uuid-item-456', room: 'raffle_uuid-raffle-123' };
    const matching = events.filter((event) => matches(wish, event)).map(({ message_type }) => message_type);
    expect(matching).toEqual(['raffle_created', 'raffle_full', 'winner_selected', 'raffle_cancelled']);
  });
});

describe('private events', () => {
  it('are those about credits', () => {
    const types = events.filter(isPrivate).map(({ message_type }) => message_type);
    expect(types).toEqual(['credits_issued', 'credits_redeemed']);
  });
});
