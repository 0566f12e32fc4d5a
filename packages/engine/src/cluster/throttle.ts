import type { Clock, Stop } from '../clock.js';

interface Window {
  stop: Stop;
  again: (() => void) | null;
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
    readonly isOwner: (key: string) => boolean,
  ) {}

  run(key: string, task: () => void): void {
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.again = task;
      return;
    }
    if (!this.isOwner(key)) return;
    this.#open(key);
    task();
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
