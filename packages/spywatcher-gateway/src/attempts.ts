import { addressKey, type Clock, type Logger, type Refusal, RoomcastError, refuse } from '@roomcast/engine';
import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRes,
} from 'rate-limiter-flexible';

/** Makes a limiter: `(options) => new RateLimiterRedis({ ...options, storeClient })` counts for several instances. */
export type LimiterFactory = (
  options: Required<Pick<IRateLimiterOptions, 'keyPrefix' | 'points' | 'duration'>>,
) => RateLimiterAbstract;

const minuteSeconds = 60;
/** The first block, in seconds; each further attempt makes it a quarter longer. */
const firstBlockSeconds = 30;
const growth = 1.25;
const maxBlockSeconds = 900;
/** After this long without an attempt too many, blocks begin small again. */
const forgetSeconds = 3600;
/** How long a store may take to answer, in milliseconds: everybody who connects waits for it. */
const answerMs = 1000;
/** Between two lines in the log about a store that does not answer, in milliseconds. */
const complainEveryMs = 10_000;

export interface AttemptsOptions {
  readonly name: string;
  readonly maxPerMinute: number;
  readonly limiter?: LimiterFactory | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Counts attempts to connect by their address, and blocks who makes too many: the longer, the more of them come while
 * the block lasts. Comes before everything else, so that a storm of reconnects costs no authentication.
 */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #attempts: RateLimiterAbstract;
  readonly #excess: RateLimiterAbstract;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    const make = options.limiter ?? ((given) => new RateLimiterMemory(given));
    const keyPrefix = `roomcast-${options.name}`;
    this.#attempts = make({
      keyPrefix: `${keyPrefix}-attempts`,
      points: options.maxPerMinute,
      duration: minuteSeconds,
    });
    // Never refuses by itself: only what it counts matters.
    this.#excess = make({ keyPrefix: `${keyPrefix}-excess`, points: Number.MAX_SAFE_INTEGER, duration: forgetSeconds });
  }

  /** Counts an attempt; undefined: it may go on. */
  async attempt(ip: string): Promise<Refusal | undefined> {
    const key = addressKey(ip);
    try {
      await this.#inTime(this.#attempts.consume(key));
      return undefined;
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) return this.#unanswered(reason);
      return this.#block(key).catch((error: unknown) => this.#unanswered(error));
    }
  }

  async #block(key: string): Promise<Refusal> {
    const { consumedPoints } = await this.#inTime(this.#excess.consume(key));
    const seconds = Math.min(maxBlockSeconds, Math.ceil(firstBlockSeconds * growth ** (consumedPoints - 1)));
    await this.#inTime(this.#attempts.block(key, seconds));
    if (consumedPoints === 1) {
      this.#options.logger.warn({ ip: key, seconds }, 'an address makes too many attempts to connect: blocked');
    }
    return refuse(429, 'Too many connection attempts from this address', { 'Retry-After': String(seconds) });
  }

  #inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new RoomcastError(`the store has not answered in ${answerMs} ms`));
      const stop = this.#options.clock.after(answerMs, late);
      asked.then(resolve, reject).finally(stop);
    });
  }

  /** Without the store nobody is blocked here: the engine's own limits remain. */
  #unanswered(error: unknown): undefined {
    const now = this.#options.clock.now();
    if (now - this.#complainedAt < complainEveryMs) return undefined;
    this.#complainedAt = now;
    this.#options.logger.error({ err: error }, 'attempts to connect can not be counted: all are let through');
    return undefined;
  }
}
