import { type EventType, filters, filterValues, type RaffleEvent, type Subscription } from '@roomcast/raffle-protocol';
import { Entry } from './entry.js';
import { ValueCounts } from './value-counts.js';

/** The subscriptions to one type, or to all types: by the filters they give (as bits), then by the filters' values. */
interface OfType<Member extends object> {
  /** The combinations of filters in use, as bits. */
  used: number;
  readonly places: (Map<string, Entry<Member>> | undefined)[];
}

/**
 * Who wants which events, found from the event: for its type and for `all`, one look-up for each combination of filters
 * in use. That is at most 32 where the event has one value per filter, however many subscriptions there are; nobody
 * else's subscription is looked at.
 */
export class SubscriptionIndex<Member extends object> {
  readonly #types = new Map<'all' | EventType, OfType<Member>>();
  /** The values in subscriptions with several filters: an event that has none of them needs no look-up there. */
  readonly #values = new ValueCounts();

  /** Distinct subscriptions. */
  get size(): number {
    let size = 0;
    for (const { places } of this.#types.values()) for (const place of places) size += place?.size ?? 0;
    return size;
  }

  /** Adds a member's subscriptions, and returns what `remove` takes: one entry for each that is different. */
  add(member: Member, subscriptions: Iterable<Subscription>): Entry<Member>[] {
    const added: Entry<Member>[] = [];
    for (const subscription of subscriptions) {
      const entry = this.#entry(subscription);
      if (entry.add(member)) added.push(entry);
    }
    return added;
  }

  remove(member: Member, entries: Iterable<Entry<Member>>): void {
    for (const entry of entries) {
      entry.remove(member);
      if (entry.isEmpty) this.#drop(entry);
    }
  }

  /** The entries that match an event. A member may have several of them. */
  matching(event: RaffleEvent): Entry<Member>[] {
    const found: Entry<Member>[] = [];
    const ofType = this.#types.get(event.message_type);
    const ofAll = this.#types.get('all');
    const keys = new Keys(event, this.#values);
    for (let left = (ofType?.used ?? 0) | (ofAll?.used ?? 0); left !== 0; left &= left - 1) {
      const given = 31 - Math.clz32(left & -left);
      const one = ofType?.places[given];
      const other = ofAll?.places[given];
      for (const key of keys.of(given)) {
        const wanted = one?.get(key);
        if (wanted !== undefined) found.push(wanted);
        const wantedToo = other?.get(key);
        if (wantedToo !== undefined) found.push(wantedToo);
      }
    }
    return found;
  }

  #entry(subscription: Subscription): Entry<Member> {
    const { event_type: type } = subscription;
    const values = filters.map((filter) => subscription[filter]);
    const given = values.reduce((bits, value, bit) => (value === null ? bits : bits | (1 << bit)), 0);
    const [key = ''] = keysOf(
      given,
      values.map((value) => (value === null ? [] : [value])),
    );
    const ofType = this.#types.get(type) ?? { used: 0, places: [] };
    this.#types.set(type, ofType);
    ofType.used |= 1 << given;
    ofType.places[given] ??= new Map();
    const place = ofType.places[given];
    let entry = place.get(key);
    if (entry === undefined) {
      entry = new Entry(subscription, given, key);
      place.set(key, entry);
      if (isSeveral(given)) this.#values.add(subscription);
    }
    return entry;
  }

  #drop({ subscription, given, key }: Entry<Member>): void {
    const ofType = this.#types.get(subscription.event_type);
    const place = ofType?.places[given];
    if (ofType === undefined || place?.delete(key) !== true) return;
    if (isSeveral(given)) this.#values.remove(subscription);
    if (place.size > 0) return;
    ofType.places[given] = undefined;
    ofType.used &= ~(1 << given);
  }
}

/** The keys under which one event is looked up; its values are read when the first combination asks for them. */
class Keys {
  readonly #values: (readonly string[] | undefined)[] = [];
  readonly #known: (readonly string[] | undefined)[] = [];

  constructor(
    readonly event: RaffleEvent,
    readonly counts: ValueCounts,
  ) {}

  of(given: number): readonly string[] {
    if (given === 0) return unfiltered;
    if (!isSeveral(given)) return this.#valuesOf(31 - Math.clz32(given));
    for (let left = given; left !== 0; left &= left - 1) {
      if (this.#knownOf(31 - Math.clz32(left & -left)).length === 0) return none;
    }
    return keysOf(given, this.#known);
  }

  #valuesOf(bit: number): readonly string[] {
    this.#values[bit] ??= filterValues(this.event, filters[bit] as (typeof filters)[number]);
    return this.#values[bit];
  }

  /** Those of the values that subscriptions with several filters have. */
  #knownOf(bit: number): readonly string[] {
    this.#known[bit] ??= this.counts.known(bit, this.#valuesOf(bit));
    return this.#known[bit];
  }
}

const unfiltered: readonly string[] = [''];
const none: readonly string[] = [];

function isSeveral(given: number): boolean {
  return (given & (given - 1)) !== 0;
}

/**
 * The key of every choice of one value for each given filter. All values but the last tell their length, because ids
 * are any text: without it two lists of values could have the same key. The key of a single value is that value.
 */
function keysOf(given: number, values: readonly (readonly string[] | undefined)[]): string[] {
  let keys = [''];
  for (let left = given, bit = 0; left !== 0; left >>= 1, bit++) {
    if ((left & 1) === 0) continue;
    const isLast = left === 1;
    const next = values[bit] ?? none;
    keys = keys.flatMap((key) => next.map((value) => (isLast ? key + value : `${key}${value.length}:${value}`)));
  }
  return keys;
}
