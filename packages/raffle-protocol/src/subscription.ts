import * as z from 'zod/mini';
import { id } from './event-schemas.js';
import { type EventType, eventTypes } from './events.js';
import { toIssues, within } from './issues.js';
import type { Issue } from './result.js';

const filter = z.nullish(id);

/** One entry of `subscriptions` as a client may write it. */
export const subscription = z.object({
  event_type: z.enum(['all', ...eventTypes]),
  raffle_id: filter,
  item_id: filter,
  user_id: filter,
  room: filter,
});

/** What a client writes. */
export type SubscriptionRequest = z.input<typeof subscription>;

/** What a connection wants to hear of. A filter that is null lets everything through. */
export interface Subscription {
  readonly event_type: 'all' | EventType;
  readonly raffle_id: string | null;
  readonly item_id: string | null;
  readonly user_id: string | null;
  readonly room: string | null;
}

/** A list of subscriptions after checking. */
export interface SubscriptionList {
  readonly subscriptions: readonly Subscription[];
  /** Entries that do not count: invalid ones, and those beyond the limit. */
  readonly skipped: number;
  /** What was wrong with the first invalid entries. */
  readonly issues: readonly Issue[];
}

/** Invalid entries that are described. */
const maxDescribed = 5;

/**
 * Reads a list entry by entry: one that is invalid does not take the others with it. Reading ends at the `max`th
 * subscription or the `max`th invalid entry, so that a long list of nonsense costs no more than a good one.
 */
export function readSubscriptions(list: readonly unknown[], max: number): SubscriptionList {
  const subscriptions: Subscription[] = [];
  const issues: Issue[] = [];
  let invalid = 0;
  for (const [index, entry] of list.entries()) {
    if (subscriptions.length >= max || invalid >= max) break;
    const parsed = subscription.safeParse(entry);
    if (parsed.success) {
      const { event_type, raffle_id, item_id, user_id, room } = parsed.data;
      subscriptions.push({
        event_type,
        raffle_id: raffle_id ?? null,
        item_id: item_id ?? null,
        user_id: user_id ?? null,
        room: room ?? null,
      });
      continue;
    }
    invalid++;
    if (invalid > maxDescribed) continue;
    issues.push(...toIssues(parsed.error.issues.slice(0, 1), entry).map((issue) => within(String(index), issue)));
  }
  return { subscriptions, skipped: list.length - subscriptions.length, issues };
}
