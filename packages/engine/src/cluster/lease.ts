import type { Clock, Stop } from '../clock.js';
import { attempt } from '../handlers.js';
import { ownerOf } from './owner.js';
import type { Share } from './share.js';

/** What a lease needs of the cluster. */
export interface LeaseHost {
  readonly self: string;
  readonly clock: Clock;
  /** Of each lease since when an instance has it, in milliseconds since the epoch; 0 where it would take it. */
  readonly claims: Share<number>;
  /** Whether the others have had the time to be heard of. */
  isSettled(): boolean;
  failed(error: unknown): void;
}

const checkEveryMs = 1000;

/**
 * Something that one instance at a time has: it keeps it for as long as it lives, whoever else comes. When it says
 * goodbye another one has it within about a second; when it dies without a word, once it counts as gone. While
 * instances can't hear each other each side has one.
 */
export class Lease {
  readonly #listeners = new Set<(held: boolean) => unknown>();
  readonly #stops: Stop[];
  #state: 'waiting' | 'holding' | 'stopped' = 'waiting';

  constructor(
    readonly name: string,
    readonly host: LeaseHost,
  ) {
    this.#stops = [
      host.claims.onChange((key) => {
        if (key === name) this.#check();
      }),
      host.clock.every(checkEveryMs, () => this.#check()),
    ];
    // Comes back to `#check` through the share's listeners, as every change does.
    host.claims.set(name, 0);
  }

  get held(): boolean {
    return this.#state === 'holding';
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** The instance that has it, as far as is known here. Of several the one that has had it longest. */
  get holder(): string | undefined {
    let holder: string | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const [instance, at] of this.host.claims.byInstance(this.name)) {
      if (at === 0 || at > since || (at === since && holder !== undefined && instance > holder)) continue;
      holder = instance;
      since = at;
    }
    return holder;
  }

  /** The instance that would have it next. */
  get deputy(): string | undefined {
    const { holder } = this;
    return ownerOf(
      this.name,
      this.#candidates().filter((instance) => instance !== holder),
    );
  }

  /** Calls `listener` whenever this instance gets or loses it. */
  onChange(listener: (held: boolean) => unknown): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Gives it up for good. */
  stop(): void {
    if (this.#state === 'stopped') return;
    for (const stop of this.#stops) stop();
    const held = this.held;
    this.#state = 'stopped';
    this.host.claims.set(this.name, undefined);
    if (held) this.#tell(false);
  }

  #check(): void {
    const { self, claims, clock } = this.host;
    if (this.#state === 'stopped') return;
    const { holder } = this;
    if (holder === undefined && this.host.isSettled() && this.#isNext()) {
      claims.set(this.name, clock.now());
      return;
    }
    const held = holder === self;
    if (held === this.held) return;
    this.#state = held ? 'holding' : 'waiting';
    this.#tell(held);
  }

  /** Of those that would take it, all agree on one. */
  #isNext(): boolean {
    return ownerOf(this.name, this.#candidates()) === this.host.self;
  }

  #candidates(): string[] {
    return [...this.host.claims.byInstance(this.name)].map(([instance]) => instance);
  }

  #tell(held: boolean): void {
    for (const listener of [...this.#listeners]) {
      attempt(
        () => listener(held),
        (error) => this.host.failed(error),
      );
    }
  }
}
