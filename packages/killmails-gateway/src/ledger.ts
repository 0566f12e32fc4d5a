/** A kill that was taken: its id, its system, and the minute in which some instance first had it, from the epoch. */
export type Taken = readonly [id: number, system: number, minute: number];

/** A part of a ledger, in the order in which kills were taken. */
export interface LedgerPage {
  readonly taken: readonly Taken[];
  /** The `after` of the next page; null on the last. */
  readonly next: number | null;
}

interface Entry {
  readonly system: number;
  readonly minute: number;
  /** Its number in the order of taking. */
  readonly place: number;
}

/** Remembers the kills that were taken last, so that each is delivered and counted once, here and on every instance. */
export class Ledger {
  readonly #entries = new Map<number, Entry>();
  #places = 0;

  /** @param max kills remembered; the default is about four days of New Eden's and 16 MB. */
  constructor(readonly max = 100_000) {}

  get size(): number {
    return this.#entries.size;
  }

  /** True when the id is new. */
  add([id, system, minute]: Taken): boolean {
    if (this.#entries.has(id)) return false;
    this.#entries.set(id, { system, minute, place: ++this.#places });
    if (this.#entries.size > this.max) this.#entries.delete(this.#entries.keys().next().value as number);
    return true;
  }

  has(id: number): boolean {
    return this.#entries.has(id);
  }

  /** Kills taken after a place, in or after a minute: at most `limit`. */
  page({ after, sinceMinute, limit }: { after: number; sinceMinute: number; limit: number }): LedgerPage {
    const taken: Taken[] = [];
    for (const [id, { system, minute, place }] of this.#entries) {
      if (place <= after || minute < sinceMinute) continue;
      taken.push([id, system, minute]);
      if (taken.length === limit) return { taken, next: place };
    }
    return { taken, next: null };
  }

  /** Everything, the oldest first. */
  *all(): IterableIterator<Taken> {
    for (const [id, { system, minute }] of this.#entries) yield [id, system, minute];
  }
}
