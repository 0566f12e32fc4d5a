import { filters, type Subscription } from '@roomcast/raffle-protocol';

/** How many subscriptions have each value of each filter. */
export class ValueCounts {
  readonly #counts = filters.map(() => new Map<string, number>());

  add(subscription: Subscription): void {
    this.#change(subscription, 1);
  }

  remove(subscription: Subscription): void {
    this.#change(subscription, -1);
  }

  /** Those of the values that any subscription has, each once. */
  known(bit: number, values: readonly string[]): readonly string[] {
    const counts = this.#counts[bit] as Map<string, number>;
    const known = values.filter((value) => counts.has(value));
    return known.length > 1 ? [...new Set(known)] : known;
  }

  #change(subscription: Subscription, by: number): void {
    for (const [bit, filter] of filters.entries()) {
      const value = subscription[filter];
      if (value === null) continue;
      const counts = this.#counts[bit] as Map<string, number>;
      const count = (counts.get(value) ?? 0) + by;
      if (count === 0) counts.delete(value);
      else counts.set(value, count);
    }
  }
}
