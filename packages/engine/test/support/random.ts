/** Repeatable random values: `FUZZ_SEED` gives the seed of a run that failed. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** A whole number, `from` at least and below `to`. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from));
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.int(0, times) === 0;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 256)));
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.int(0, items.length)] as Item;
  }

  /** Mulberry32: 32 bits of state are plenty here. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
