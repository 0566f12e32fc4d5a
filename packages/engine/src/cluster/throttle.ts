import type { Clock, Stop } from '../clock.js';
import { attempt } from '../handlers.js';

export interface ThrottleHost {
  isOwner(key: string): boolean;
  /** A task has thrown or rejected. */
  failed(error: unknown): void;
}

interface Window {
  stop: Stop;
  again: (() => unknown) | null;
}

/**
 * At most one run per key in `everyMs`: the first at once, and the newest of those that came meanwhile at the end, so
 * that a key that falls quiet does not stay stale. In a cluster only the key's owner runs anything.
 */
export class Throttle {
  readonly #windows = new Map<string, Window>();

  constructor(
    readonly clock: Clock,
    readonly everyMs: number,
    readonly host: ThrottleHost,
  ) {}

  run(key: string, task: () => unknown): void {
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.again = task;
      return;
    }
    if (!this.host.isOwner(key)) return;
    this.#open(key);
    attempt(task, (error) => this.host.failed(error));
  }

  stop(): void {
    for (const { stop } of this.#windows.values()) stop();
    this.#windows.clear();
  }

  #open(key: string): void {
    const stop = this.clock.after(this.everyMs, () => {
      const again = this.#windows.get(key)?.again;
      this.#windows.delete(key);
      if (again) this.run(key, again);
    });
    this.#windows.set(key, { stop, again: null });
  }
}
