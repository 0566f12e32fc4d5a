import type { Clock } from '@roomcast/engine';

export interface IdempotencyOptions {
  /** How long a key is remembered, in milliseconds. @default 600000 */
  ttlMs?: number;
  /** Keys remembered at most. @default 10000 */
  maxKeys?: number;
  /** Bytes that the outcomes may hold in memory together. @default 64 MiB */
  maxBytes?: number;
}

export const idempotencyDefaults: Readonly<Required<IdempotencyOptions>> = Object.freeze({
  ttlMs: 10 * 60_000,
  maxKeys: 10_000,
  maxBytes: 64 * 1024 * 1024,
});

/** What a store can remember. */
export interface Rememberable {
  /** False: the key is free again, as if nothing had happened. */
  readonly keep: boolean;
  /** Memory it holds, in bytes, roughly. */
  readonly bytes: number;
}

interface Entry<Outcome> {
  readonly digest: string;
  readonly expiresAt: number;
  outcome: Promise<Outcome>;
  /** The outcome, once there is one. */
  done: Outcome | null;
  bytes: number;
}

/**
 * What was done under each key. It is bounded: the oldest key is forgotten first, and a request that repeats a
 * forgotten key is a new one.
 */
export class IdempotencyKeys<Outcome extends Rememberable> {
  readonly #entries = new Map<string, Entry<Outcome>>();
  readonly #options: Required<IdempotencyOptions>;
  #bytes = 0;

  constructor(
    readonly clock: Clock,
    options: IdempotencyOptions = {},
  ) {
    this.#options = { ...idempotencyDefaults, ...options };
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    this.#prune();
    return this.#entries.has(key);
  }

  /** The outcome so far, `running` until there is one; undefined where nothing is known of the key. */
  outcome(key: string): Outcome | 'running' | undefined {
    this.#prune();
    const entry = this.#entries.get(key);
    return entry && (entry.done ?? 'running');
  }

  forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  /**
   * Does something once for each key: `first` at the first request, `again` with the outcome so far at each repeat,
   * one after the other. Undefined when the key was used for something else.
   */
  run(
    key: string,
    digest: string,
    first: () => Promise<Outcome>,
    again: (before: Outcome) => Outcome | Promise<Outcome>,
  ): Promise<Outcome> | undefined {
    this.#prune();
    const known = this.#entries.get(key);
    if (known !== undefined && known.digest !== digest) return undefined;
    if (known !== undefined) {
      this.#follow(key, known, known.outcome.then(again));
      return known.outcome;
    }
    const entry: Entry<Outcome> = {
      digest,
      expiresAt: this.clock.now() + this.#options.ttlMs,
      outcome: first(),
      done: null,
      bytes: 0,
    };
    this.#entries.set(key, entry);
    this.#follow(key, entry, entry.outcome);
    return entry.outcome;
  }

  #follow(key: string, entry: Entry<Outcome>, outcome: Promise<Outcome>): void {
    entry.outcome = outcome;
    outcome.then(
      (done) => {
        const { keep, bytes } = done;
        if (this.#entries.get(key) !== entry) return;
        entry.done = done;
        if (!keep) {
          this.forget(key);
          return;
        }
        this.#bytes += bytes - entry.bytes;
        entry.bytes = bytes;
        this.#prune();
      },
      () => {
        // Whoever waits for the outcome gets the error; nothing is known of what was done.
        if (this.#entries.get(key) === entry) this.forget(key);
      },
    );
  }

  #prune(): void {
    const now = this.clock.now();
    // Keys stand in the order in which they came, which is the order in which they expire.
    for (const [key, entry] of this.#entries) {
      const fits = this.#entries.size <= this.#options.maxKeys && this.#bytes <= this.#options.maxBytes;
      if (fits && entry.expiresAt > now) return;
      this.forget(key);
    }
  }
}
