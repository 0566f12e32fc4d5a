import type { Clock, Stop } from './clock.js';
import type { Cluster } from './cluster/cluster.js';
import type { Share } from './cluster/share.js';
import { attempt } from './handlers.js';

export interface PresenceOptions {
  /** Names it on the bus: instances with the same name see each other's. */
  name: string;
  cluster: Cluster;
  clock: Clock;
  /** How long after the last connection a key still counts as present, in milliseconds. @default 0 */
  graceMs?: number;
  /** On every instance, once per change in the whole cluster: a key has its first connection. */
  onOnline?(key: string): void;
  /** On every instance: a key has had no connection for `graceMs`. */
  onOffline?(key: string): void;
}

/** Who is here, on any instance, however many connections they have. */
export class Presence {
  readonly #counts: Share<number>;
  readonly #online = new Set<string>();
  readonly #leaving = new Map<string, Stop>();
  readonly #stop: () => void;

  constructor(readonly options: PresenceOptions) {
    this.#counts = options.cluster.share<number>(`presence.${options.name}`);
    this.#stop = this.#counts.onChange((key) => this.#changed(key));
    // The share may have been here first: whoever is known to it already is present, and has not just come.
    for (const key of this.#counts.keys()) if (this.connections(key) > 0) this.#online.add(key);
  }

  /** A connection of `key` on this instance; call what it returns, once, when it has gone. */
  track(key: string): Stop {
    this.#counts.set(key, (this.#counts.own(key) ?? 0) + 1);
    let tracked = true;
    return () => {
      if (!tracked) return;
      tracked = false;
      this.#counts.set(key, (this.#counts.own(key) ?? 1) - 1 || undefined);
    };
  }

  isOnline(key: string): boolean {
    return this.#online.has(key);
  }

  /** Connections of a key in the whole cluster. */
  connections(key: string): number {
    let sum = 0;
    for (const count of this.#counts.values(key)) sum += count;
    return sum;
  }

  /** Everyone who is present. */
  online(): ReadonlySet<string> {
    return this.#online;
  }

  stop(): void {
    this.#stop();
    for (const stop of this.#leaving.values()) stop();
    this.#leaving.clear();
  }

  #changed(key: string): void {
    if (this.connections(key) > 0) {
      this.#leaving.get(key)?.();
      this.#leaving.delete(key);
      if (this.#online.has(key)) return;
      this.#online.add(key);
      this.options.onOnline?.(key);
    } else if (this.#online.has(key) && !this.#leaving.has(key)) {
      const { graceMs = 0, clock } = this.options;
      if (graceMs === 0) this.#left(key);
      else
        this.#leaving.set(
          key,
          clock.after(graceMs, () => this.#left(key)),
        );
    }
  }

  #left(key: string): void {
    this.#leaving.delete(key);
    this.#online.delete(key);
    attempt(
      () => this.options.onOffline?.(key),
      (error) => this.options.cluster.failed(error, 'telling of an absence failed'),
    );
  }
}
