import { MessageRate } from '@roomcast/engine';
import { maxOverRateMs } from '@roomcast/spywatcher-protocol';

/**
 * What is done with an event.
 * - `handle`: it is within the rate.
 * - `complain`: it is dropped, and the first of a series.
 * - `drop`: it is dropped.
 * - `disconnect`: that has gone on for too long.
 */
export type Verdict = 'handle' | 'complain' | 'drop' | 'disconnect';

/** How many windows a socket must keep to its rate for the next event over it to be a new affair. */
const quietWindows = 2;

/** The events of one socket: what is over the rate is dropped, and who goes on is disconnected. */
export class EventRate {
  readonly #rate = new MessageRate();
  #overSince = Number.NEGATIVE_INFINITY;
  #lastOver = Number.NEGATIVE_INFINITY;

  constructor(
    readonly limit: number,
    readonly windowMs: number,
  ) {}

  /** @param isFull whether so much waits already that the rate does not matter */
  judge(now: number, isFull = false): Verdict {
    if (!isFull && (this.limit === 0 || this.#rate.allow(now, this.limit, this.windowMs))) return 'handle';
    const isFirst = now - this.#lastOver > quietWindows * this.windowMs;
    this.#lastOver = now;
    if (isFirst) {
      this.#overSince = now;
      return 'complain';
    }
    return now - this.#overSince >= maxOverRateMs ? 'disconnect' : 'drop';
  }
}
