import type { Stop } from '../clock.js';
import type { Bus } from './bus.js';

/**
 * Subscriptions that are wanted for good: asked for at once, and until they stand again whenever the bus comes back or
 * somebody waits for them.
 */
export class Standing {
  #asked: Promise<void> | null = null;
  readonly #stop: Stop | undefined;

  constructor(
    bus: Bus | undefined,
    readonly ask: () => Promise<void>,
  ) {
    this.#stop = bus?.onStatus((status) => {
      if (status === 'up') this.#begin();
    });
    this.#begin();
  }

  /** Resolves once they stand; rejects where the bus could not be had in time, or refuses. */
  ready(): Promise<void> {
    this.#asked ??= this.ask().catch((error: unknown) => {
      this.#asked = null;
      throw error;
    });
    return this.#asked;
  }

  /** Asks no more. */
  stop(): void {
    this.#stop?.();
  }

  #begin(): void {
    // Whoever waits for it is told of a failure.
    this.ready().catch(() => {});
  }
}
