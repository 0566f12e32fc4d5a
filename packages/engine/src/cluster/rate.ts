import type { Clock } from '../clock.js';
import type { Share } from './share.js';

export interface RateOptions {
  /** Times in one window. */
  max: number;
  /** In milliseconds, from the first time on. */
  windowMs: number;
  /** Keys this instance remembers; over it the one that came first is forgotten. @default 10000 */
  maxKeys?: number;
}

/** How often an instance has counted since when, and when it last forgave the key; in milliseconds since the epoch. */
export type Counted = readonly [since: number, count: number, forgivenAt: number];

/**
 * How often something happened to a key in a window, on all instances together. It is approximate: what others counted
 * arrives a moment later, so that a burst over several instances may come to a few more than the limit.
 */
export class Rate {
  readonly #maxKeys: number;
  #pruneAt = 0;

  constructor(
    readonly share: Share<Counted>,
    readonly clock: Clock,
    readonly options: RateOptions,
  ) {
    this.#maxKeys = options.maxKeys ?? 10_000;
  }

  /** Counts once. Undefined while within the limit, else the milliseconds until it may be again; that does not count. */
  count(key: string): number | undefined {
    const { max, windowMs } = this.options;
    const now = this.clock.now();
    const forgivenAt = this.#forgivenAt(key);
    let sum = 0;
    let endsAt = Number.POSITIVE_INFINITY;
    for (const counted of this.share.values(key)) {
      const [since, count] = counted;
      if (!this.#counts(counted, forgivenAt, now)) continue;
      sum += count;
      endsAt = Math.min(endsAt, since + windowMs);
    }
    if (sum >= max) return Math.max(1, endsAt - now);
    const own = this.share.own(key);
    if (own !== undefined && this.#counts(own, forgivenAt, now)) this.#put(key, [own[0], own[1] + 1, own[2]]);
    // What is counted in the same millisecond as the forgiving comes after it.
    else this.#put(key, [Math.max(now, forgivenAt + 1), 1, own?.[2] ?? 0]);
    return undefined;
  }

  /** Lets a key begin anew, on all instances. */
  forgive(key: string): void {
    if (!this.share.has(key)) return;
    this.#put(key, [0, 0, Math.max(this.clock.now(), this.#forgivenAt(key))]);
  }

  #counts([since]: Counted, forgivenAt: number, now: number): boolean {
    return since > forgivenAt && now < since + this.options.windowMs;
  }

  #forgivenAt(key: string): number {
    let latest = 0;
    for (const [, , at] of this.share.values(key)) latest = Math.max(latest, at);
    return latest;
  }

  #put(key: string, counted: Counted): void {
    this.share.set(key, counted);
    const now = this.clock.now();
    if (now >= this.#pruneAt) this.#prune(now);
    if (this.share.ownSize <= this.#maxKeys) return;
    const [first] = this.share.ownKeys();
    if (first !== undefined) this.share.set(first, undefined);
  }

  /** Once in a window what is over is let go. */
  #prune(now: number): void {
    const { windowMs } = this.options;
    this.#pruneAt = now + windowMs;
    for (const key of [...this.share.ownKeys()]) {
      const [since, , forgivenAt] = this.share.own(key) as Counted;
      if (Math.max(since, forgivenAt) + windowMs <= now) this.share.set(key, undefined);
    }
  }
}
