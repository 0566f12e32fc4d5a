import { eventTypes, matches, type RaffleEvent, type Subscription } from '@roomcast/raffle-protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../src/entry.js';
import { SubscriptionIndex } from '../src/subscription-index.js';
import { someEvent, someSubscription } from './support/arbitraries.js';
import { event } from './support/server.js';

afterEach(() => void vi.restoreAllMocks());

interface Member {
  readonly name: number;
}

const any: Subscription = { event_type: 'all', raffle_id: null, item_id: null, user_id: null, room: null };

function found<One extends object>(index: SubscriptionIndex<One>, published: RaffleEvent): Set<One> {
  return new Set(index.matching(published).flatMap((entry) => [...entry.members]));
}

describe('the index', () => {
  it('finds whom the definition says, after any changes', () => {
    const change = fc.record({ member: fc.nat(4), subscriptions: fc.array(someSubscription, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(change), fc.array(someEvent(), { minLength: 1 }), (changes, published) => {
        const index = new SubscriptionIndex<Member>();
        const members = Array.from({ length: 5 }, (_, name) => ({
          member: { name },
          wanted: [] as readonly Subscription[],
          entries: [] as readonly Entry<Member>[],
        }));
        for (const { member, subscriptions } of changes) {
          const changed = members[member] as (typeof members)[number];
          index.remove(changed.member, changed.entries);
          changed.entries = index.add(changed.member, subscriptions);
          changed.wanted = subscriptions;
        }
        for (const one of published) {
          const expected = members.filter(({ wanted }) => wanted.some((wish) => matches(wish, one)));
          expect(found(index, one)).toEqual(new Set(expected.map(({ member }) => member)));
        }
        for (const { member, entries } of members) index.remove(member, entries);
        expect(index.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('does not mix up values that are the same text when they are put together', () => {
    const pairs: [raffle: string, item: string][] = [
      ['a', 'aa'],
      ['aa', 'a'],
      ['1:a', 'a'],
      ['1', ':aa'],
      ['a1:', 'a'],
      ['a', '1:a'],
    ];
    const index = new SubscriptionIndex<Member>();
    const members = pairs.map((_, name) => ({ name }));
    for (const [name, [raffle_id, item_id]] of pairs.entries()) {
      index.add(members[name] as Member, [{ ...any, raffle_id, item_id }]);
    }
    for (const [name, [raffle_id, item_id]] of pairs.entries()) {
      expect(found(index, event('raffle_full', { raffle_id, item_id }))).toEqual(new Set([members[name]]));
    }
  });

  it('keeps a subscription that many have, or one has twice, once', () => {
    const index = new SubscriptionIndex<Member>();
    const one = { name: 1 };
    const other = { name: 2 };
    const wish: Subscription = { ...any, raffle_id: 'r-1' };
    const entries = index.add(one, [wish, { ...wish }, any]);
    expect(entries).toHaveLength(2);
    const same = index.add(other, [wish]);
    expect(same[0]).toBe(entries[0]);
    expect(index.size).toBe(2);
    index.remove(one, entries);
    expect(index.size).toBe(1);
    expect(found(index, event('raffle_full'))).toEqual(new Set([other]));
  });
});

describe('an event', () => {
  /** Somebody who can tell whether anybody looked. */
  function watched(looks: { count: number }): object {
    const look = () => {
      looks.count++;
      return false;
    };
    return new Proxy({}, { get: look, has: look, getPrototypeOf: (target) => (look() ? null : target) });
  }

  /** Subscriptions of every type and every combination of filters, none of them for the event below. */
  function* others(count: number): IterableIterator<Subscription> {
    const types = ['all', ...eventTypes] as const;
    for (let made = 0; made < count; made++) {
      const given = (made % 15) + 1;
      yield {
        event_type: types[Math.floor(made / 15) % types.length] as Subscription['event_type'],
        raffle_id: given & 1 ? `another-raffle-${made}` : null,
        item_id: given & 2 ? `another-item-${made}` : null,
        user_id: given & 4 ? `another-user-${made}` : null,
        room: given & 8 ? `another-room-${made}` : null,
      };
    }
  }

  /** What a look for an event does: look-ups of subscriptions, values ruled out, and walks over a collection. */
  function watch(look: () => void): { lookUps: number; values: number; walks: number } {
    const gets = vi.spyOn(Map.prototype, 'get');
    const values = vi.spyOn(Map.prototype, 'has');
    const walks = [
      vi.spyOn(Map.prototype, 'forEach'),
      vi.spyOn(Map.prototype, 'keys'),
      vi.spyOn(Map.prototype, 'values'),
      vi.spyOn(Map.prototype, 'entries'),
      vi.spyOn(Map.prototype, Symbol.iterator),
      vi.spyOn(Set.prototype, Symbol.iterator),
    ];
    look();
    const counted = {
      // Two find what there is of the type and of `all`.
      lookUps: gets.mock.calls.length - 2,
      values: values.mock.calls.length,
      walks: walks.reduce((sum, walk) => sum + walk.mock.calls.length, 0),
    };
    vi.restoreAllMocks();
    return counted;
  }

  it('visits nobody it is not for, however many there are', () => {
    const index = new SubscriptionIndex<object>();
    const looks = { count: 0 };
    for (const subscription of others(100_000)) index.add(watched(looks), [subscription]);
    expect(index.size).toBe(100_000);
    const me = {};
    index.add(me, [{ ...any, raffle_id: 'r-1' }]);
    looks.count = 0;
    let members: object[] = [];
    const { lookUps, values, walks } = watch(() => {
      members = index.matching(event('raffle_created')).flatMap((entry) => [...entry.members]);
    });
    expect(members).toEqual([me]);
    // One filter alone: four values, for the type and for all. Several: each value is known to be in none of them.
    expect(lookUps).toBe(8);
    expect(values).toBeLessThanOrEqual(4);
    expect(walks).toBe(0);
    expect(looks.count).toBe(0);
  });

  it('is looked up 32 times where people subscribe in every way there is', () => {
    const index = new SubscriptionIndex<object>();
    const created = { raffle_id: 'r-1', item_id: 'i-1', user_id: 'seller', room: 'raffle_r-1' };
    for (const event_type of ['all', 'raffle_created'] as const) {
      for (let given = 0; given < 16; given++) {
        const wish = Object.entries(created).map(([filter, value], bit) => [filter, given & (1 << bit) ? value : null]);
        index.add({}, [{ ...any, event_type, ...Object.fromEntries(wish) }]);
      }
    }
    let entries = 0;
    const { lookUps, values, walks } = watch(() => {
      entries = index.matching(event('raffle_created')).length;
    });
    expect(entries).toBe(32);
    expect(lookUps).toBe(32);
    expect(values).toBe(4);
    expect(walks).toBe(0);
  });

  it('costs no look-up where nobody subscribed in that way', () => {
    const index = new SubscriptionIndex<Member>();
    const wish: Subscription = { ...any, event_type: 'box_purchased', raffle_id: 'r-2' };
    const mine = index.add({ name: 1 }, [wish, { ...wish, room: 'a-room' }]);
    const look = () => watch(() => index.matching(event('box_purchased')));
    expect(watch(() => index.matching(event('raffle_created'))).lookUps).toBe(0);
    expect(look().lookUps).toBe(1);
    index.remove({ name: 2 }, mine);
    expect(look().lookUps).toBe(1);
    const [entry] = mine;
    for (const member of entry?.members ?? []) index.remove(member, mine);
    expect(look()).toEqual({ lookUps: 0, values: 0, walks: 0 });
  });

  it('costs no look-up for values that were subscribed to once', () => {
    const index = new SubscriptionIndex<Member>();
    const of = (raffle: string) => ({ ...any, raffle_id: raffle, room: `raffle_${raffle}` });
    index.add({ name: 1 }, [of('r-2')]);
    const me = { name: 2 };
    const mine = index.add(me, [of('r-1'), { ...of('r-1'), event_type: 'raffle_full' }]);
    const look = () => watch(() => index.matching(event('box_purchased'))).lookUps;
    expect(look()).toBe(1);
    index.remove(me, mine.slice(1));
    expect(look()).toBe(1);
    index.remove(me, mine);
    expect(look()).toBe(0);
  });
});
