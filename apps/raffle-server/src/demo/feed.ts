import type { Clock, Stop } from '@roomcast/engine';
import type { RaffleEvent } from '@roomcast/raffle-protocol';
import { Market } from './market.js';

export interface DemoFeedOptions {
  clock: Clock;
  publish(event: RaffleEvent): unknown;
  /** Between two things that happen, on average, in milliseconds. @default 500 */
  intervalMs?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

/** What happens on a made-up platform, about twice a second. */
export class DemoFeed {
  readonly #options: Required<DemoFeedOptions>;
  readonly #market: Market;
  #cancel: Stop | undefined;

  constructor(options: DemoFeedOptions) {
    this.#options = { intervalMs: 500, random: Math.random, ...options };
    this.#market = new Market({ now: () => options.clock.now(), random: this.#options.random });
  }

  start(): void {
    if (this.#cancel === undefined) this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { clock, intervalMs, random, publish } = this.#options;
    this.#cancel = clock.after(intervalMs * (0.5 + random()), () => {
      this.#schedule();
      for (const event of this.#market.next()) publish(event);
    });
  }
}
