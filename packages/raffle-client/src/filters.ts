import { ClientOptionsError } from '@roomcast/client-core';
import {
  filters,
  filterValues,
  matches,
  raffleRoom,
  type Subscription,
  type SubscriptionRequest,
  subscription,
} from '@roomcast/raffle-protocol';
import type { ReceivedEvent } from './events.js';

const fields: ReadonlySet<string> = new Set(['event_type', ...filters]);

/**
 * Subscriptions in full, or an error that names the entry. A field that is misspelt is refused: without it the
 * subscription would be for much more than was meant.
 * @throws ClientOptionsError
 */
export function checkedFilters(option: string, list: readonly SubscriptionRequest[]): readonly Subscription[] {
  return list.map((entry, index) => {
    const parsed = subscription.safeParse(entry);
    const [issue] = parsed.success ? [] : parsed.error.issues;
    const wrong = parsed.success ? Object.keys(entry).find((key) => !fields.has(key)) : issue?.path.join('.');
    if (!parsed.success || wrong !== undefined) {
      const expected = `expected a known event_type and ${filters.join(', ')} of 1 to 256 characters or null`;
      const got = `${JSON.stringify(entry)?.slice(0, 200)}`;
      throw new ClientOptionsError(option, `${expected}; entry ${index} is wrong${wrong && ` at ${wrong}`}: ${got}`);
    }
    const { event_type, raffle_id = null, item_id = null, user_id = null, room = null } = parsed.data;
    return { event_type, raffle_id, item_id, user_id, room };
  });
}

/** The same for subscriptions that ask for the same; they come with their fields in one order. */
export function keyOf(filter: Subscription): string {
  return JSON.stringify(filter);
}

/**
 * Whether a received event is for a subscription. Servers do not tell which room an event was published in: a raffle's
 * events are taken to be in its own room, and for all else the server's word that they are in one of ours is taken.
 */
export function isFor(filter: Subscription, event: ReceivedEvent): boolean {
  if (matches(filter, event)) return true;
  return filter.room !== null && mayBeIn(filter.room, event) && matches({ ...filter, room: null }, event);
}

function mayBeIn(room: string, event: ReceivedEvent): boolean {
  const isAnotherRaffle = room.startsWith(raffleRoom('')) && filterValues(event, 'raffle_id').length > 0;
  return !('room' in event) && !isAnotherRaffle;
}
