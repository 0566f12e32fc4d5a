/** How long to wait before trying again. */
export interface BackOffLimits {
  /**
   * The ceiling of the first wait; it doubles with each attempt.
   * @default 500
   */
  baseMs: number;
  /**
   * The ceiling never passes this.
   * @default 30000
   */
  capMs: number;
}

export const backOffDefaults: Readonly<BackOffLimits & { minUptimeMs: number }> = Object.freeze({
  baseMs: 500,
  capMs: 30_000,
  minUptimeMs: 10_000,
});

/**
 * Full jitter: anything between 0 and the ceiling, so that clients that were lost together do not come back together.
 * @param attempt counts from 1
 * @param random gives 0 (inclusive) to 1 (exclusive)
 */
export function backOffMs(
  attempt: number,
  { baseMs, capMs }: BackOffLimits = backOffDefaults,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.floor(random() * ceiling);
}

/**
 * Numbers the attempts to connect. Only a connection that held for `minUptimeMs` starts the count again: a server that
 * accepts and closes at once is not asked ever faster.
 */
export class AttemptCounter {
  #failures = 0;
  #openedAt: number | undefined;

  constructor(
    private readonly minUptimeMs: number = backOffDefaults.minUptimeMs,
    private readonly now: () => number = Date.now,
  ) {}

  /** A connection was established. */
  opened(): void {
    this.#openedAt = this.now();
  }

  /** The connection was lost or never came about. Returns the number of the attempt that follows. */
  failed(): number {
    const held = this.#openedAt !== undefined && this.now() - this.#openedAt >= this.minUptimeMs;
    this.#openedAt = undefined;
    this.#failures = held ? 1 : this.#failures + 1;
    return this.#failures;
  }
}
