import { createHash } from 'node:crypto';

/** A body that came over the bus, until somebody has published its events. */
export interface Body {
  readonly text: string;
  /** The same on every instance that has heard it. */
  readonly hash: string;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
}

export interface ForeignQueueOptions {
  now(): number;
  /** Bodies that wait at most; over it the oldest is let go. @default 10000 */
  maxBodies?: number;
  /** Their characters together. @default 64 Mi */
  maxLength?: number;
}

/** How long a body waits on an instance that is not to publish it, and how long word of one that has not come is kept. */
const keptMs = 60_000;
/** Words of bodies that have not come, and bodies remembered as published. */
const maxRemembered = 10_000;

/** Bodies in the order in which they came, each until word comes that its events are published. */
export class ForeignQueue {
  readonly #waiting = new Map<number, Body>();
  /** Bodies that were published before they came here, and when that was said. */
  readonly #early = new Map<string, number[]>();
  readonly #done = new Map<string, number>();
  readonly #options: Required<ForeignQueueOptions>;
  #length = 0;
  #count = 0;

  constructor(options: ForeignQueueOptions) {
    this.#options = { maxBodies: 10_000, maxLength: 64 * 1024 * 1024, ...options };
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Adds a body; returns how many were let go for it. */
  add(text: string): number {
    const hash = createHash('sha256').update(text).digest('base64');
    const early = this.#early.get(hash);
    if (early !== undefined) {
      early.pop();
      if (early.length === 0) this.#early.delete(hash);
      return 0;
    }
    this.#waiting.set(this.#count++, { text, hash, at: this.#options.now() });
    this.#length += text.length;
    let letGo = 0;
    const { maxBodies, maxLength } = this.#options;
    while (this.#waiting.size > maxBodies || (this.#length > maxLength && this.#waiting.size > 1)) {
      this.take();
      letGo++;
    }
    return letGo;
  }

  /** The oldest, which is then not here any more. */
  take(): Body | undefined {
    for (const [place, body] of this.#waiting) {
      this.#remove(place, body);
      return body;
    }
    return undefined;
  }

  /** Those that came at least so long ago, at most 100 of them. */
  olderThan(ms: number): Body[] {
    const until = this.#options.now() - ms;
    const older: Body[] = [];
    for (const body of this.#waiting.values()) {
      if (body.at > until || older.length === 100) break;
      older.push(body);
    }
    return older;
  }

  /** This instance has published it. */
  published({ hash }: Body): void {
    this.#done.delete(hash);
    this.#done.set(hash, this.#options.now());
    if (this.#done.size > maxRemembered) this.#done.delete(this.#done.keys().next().value as string);
  }

  /** What has become here of a body. */
  stateOf(hash: string): 'published' | 'waiting' | 'unknown' {
    if (this.#find(hash) !== undefined) return 'waiting';
    return this.#done.has(hash) ? 'published' : 'unknown';
  }

  /** Another instance has published it. True where it waited here. */
  settled(hash: string): boolean {
    const place = this.#find(hash);
    if (place !== undefined) {
      this.#remove(place, this.#waiting.get(place) as Body);
      return true;
    }
    const early = this.#early.get(hash) ?? [];
    early.push(this.#options.now());
    this.#early.set(hash, early);
    if (this.#early.size > maxRemembered) this.#early.delete(this.#early.keys().next().value as string);
    return false;
  }

  /** Lets go of what nobody will speak of any more. */
  prune(): void {
    const until = this.#options.now() - keptMs;
    for (const [place, body] of this.#waiting) {
      if (body.at > until) break;
      this.#remove(place, body);
    }
    for (const [hash, times] of this.#early) if ((times.at(-1) ?? 0) <= until) this.#early.delete(hash);
    for (const [hash, at] of this.#done) {
      if (at > until) break;
      this.#done.delete(hash);
    }
  }

  #find(hash: string): number | undefined {
    for (const [place, body] of this.#waiting) if (body.hash === hash) return place;
    return undefined;
  }

  #remove(place: number, { text }: Body): void {
    this.#waiting.delete(place);
    this.#length -= text.length;
  }
}
