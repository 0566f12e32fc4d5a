import { type EventData, type EventType, type RaffleEvent, raffleRoom } from './events.js';
import type { Subscription } from './subscription.js';

/** What a subscription may ask for beside the type, in the order of the index's keys. */
export const filters = ['raffle_id', 'item_id', 'user_id', 'room'] as const;

export type Filter = (typeof filters)[number];

/** The fields of an event's data that the filters compare with. `room` compares with the event's rooms (`roomsOf`). */
export type FilterFields = {
  readonly [T in EventType]: { readonly [F in Exclude<Filter, 'room'>]?: keyof EventData[T] & string };
};

/** A filter that is not named here has nothing to compare with: a subscription that gives it does not match. */
export const filterFields = {
  raffle_created: { raffle_id: 'raffle_id', item_id: 'item_id', user_id: 'seller_id' },
  box_purchased: { raffle_id: 'raffle_id', user_id: 'user_id' },
  raffle_full: { raffle_id: 'raffle_id', item_id: 'item_id' },
  winner_selected: { raffle_id: 'raffle_id', item_id: 'item_id', user_id: 'winner_user_ids' },
  raffle_cancelled: { raffle_id: 'raffle_id', item_id: 'item_id' },
  item_created: { item_id: 'item_id', user_id: 'seller_id' },
  item_updated: { item_id: 'item_id', user_id: 'seller_id' },
  item_stock_changed: { item_id: 'item_id' },
  user_joined: { user_id: 'user_id' },
  user_left: { user_id: 'user_id' },
  credits_issued: { user_id: 'user_id' },
  credits_redeemed: { item_id: 'item_id', user_id: 'user_id' },
  system_maintenance: {},
  system_alert: {},
} as const satisfies FilterFields;

const none: readonly string[] = [];

/** What a filter is compared with: any of these must be equal. Empty where the event has nothing of the kind. */
export function filterValues(event: RaffleEvent, filter: Filter): readonly string[] {
  if (filter === 'room') return roomsOf(event);
  const fields: FilterFields[EventType] = filterFields[event.message_type];
  const field = fields[filter];
  if (field === undefined) return none;
  const value: unknown = Reflect.get(event.data, field);
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value : none;
}

/** The rooms an event is in: the one it was published in, and the one of its raffle. */
export function roomsOf(event: RaffleEvent): readonly string[] {
  const rooms = event.room === undefined ? [] : [event.room];
  if ('raffle_id' in filterFields[event.message_type]) {
    const own = raffleRoom((event.data as { raffle_id: string }).raffle_id);
    if (own !== event.room) rooms.push(own);
  }
  return rooms;
}

/** The definition of which events a subscription is for. A server may find them in another way, with the same result. */
export function matches(subscription: Subscription, event: RaffleEvent): boolean {
  if (subscription.event_type !== 'all' && subscription.event_type !== event.message_type) return false;
  return filters.every((filter) => {
    const wanted = subscription[filter];
    return wanted === null || filterValues(event, filter).includes(wanted);
  });
}
