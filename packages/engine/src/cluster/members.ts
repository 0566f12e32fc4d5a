import type { Clock } from '../clock.js';

/** Between two signs of life, in milliseconds. */
export const beatEveryMs = 5000;
/** Silence after which an instance counts as gone: three signs of life, and well below the 30 s that are promised. */
const goneAfterMs = 3 * beatEveryMs;

export interface MembersListener {
  joined(member: string): void;
  gone(member: string): void;
}

/** The instances that can hear each other, this one always among them. */
export class Members {
  /** When one came or went last, in milliseconds since the epoch; at first, when this instance began. */
  changedAt: number;
  readonly #heard = new Map<string, number>();
  /** When silence was looked for last. */
  #lookedAt: number;

  constructor(
    readonly self: string,
    readonly clock: Clock,
    readonly listener: MembersListener,
  ) {
    this.changedAt = clock.now();
    this.#lookedAt = clock.now();
  }

  get size(): number {
    return this.#heard.size + 1;
  }

  /** The ids of all members, this one first. */
  *ids(): IterableIterator<string> {
    yield this.self;
    yield* this.#heard.keys();
  }

  has(member: string): boolean {
    return member === this.self || this.#heard.has(member);
  }

  /** A sign of life. Whether it is the first. */
  heard(member: string): boolean {
    if (member === this.self) return false;
    const isNew = !this.#heard.has(member);
    this.#heard.set(member, this.clock.now());
    if (!isNew) return false;
    this.changedAt = this.clock.now();
    this.listener.joined(member);
    return true;
  }

  left(member: string): void {
    if (!this.#heard.delete(member)) return;
    this.changedAt = this.clock.now();
    this.listener.gone(member);
  }

  /** Gives up those that have been silent too long. Called after every `beatEveryMs`. */
  expire(): void {
    const now = this.clock.now();
    const wasHeldUp = now - this.#lookedAt > 2 * beatEveryMs;
    this.#lookedAt = now;
    // What they have said while this process stood still waits in the socket: it is read before the next time.
    if (wasHeldUp) return;
    for (const [member, at] of [...this.#heard]) if (now - at >= goneAfterMs) this.left(member);
  }
}
