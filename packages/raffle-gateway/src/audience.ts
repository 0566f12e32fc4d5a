import { isPrivate, type PrivateEvent, type RaffleEvent } from '@roomcast/raffle-protocol';
import type { Entry } from './entry.js';
import type { SubscriptionIndex } from './subscription-index.js';

/** Whoever may be told of private events: what is needed of a session to decide it. */
export interface Listener {
  /** When the credentials expire, in milliseconds since the epoch; 0: it has none. */
  readonly expiresAt: number;
}

/** Whom an event is for: who subscribed to it and, where it is private, may see it. */
export class Audience<Member extends Listener> {
  /** Connections of admins and operators, whom private events of every user may reach. */
  readonly staff = new Set<Member>();

  constructor(
    readonly index: SubscriptionIndex<Member>,
    /** The connections authenticated as a user. */
    readonly connectionsOf: (userId: string) => ReadonlySet<Member> | undefined,
  ) {}

  /** The members an event is for; one may come more than once. */
  of(event: RaffleEvent, now: number): Iterable<Member> {
    const entries = this.index.matching(event);
    if (isPrivate(event)) return this.#mayHear(event, now).filter((member) => hasOne(entries, member));
    const [only] = entries;
    if (only === undefined) return [];
    return entries.length === 1 ? only.members : entries.flatMap((entry) => [...entry.members]);
  }

  /** Asked before the subscriptions: the owner's connections are few, those subscribed to everything may be thousands. */
  #mayHear(event: PrivateEvent, now: number): Member[] {
    const owner = this.connectionsOf(event.data.user_id) ?? [];
    return [...owner, ...this.staff].filter(({ expiresAt }) => now < expiresAt);
  }
}

function hasOne<Member extends object>(entries: readonly Entry<Member>[], member: Member): boolean {
  return entries.some((entry) => entry.has(member));
}
