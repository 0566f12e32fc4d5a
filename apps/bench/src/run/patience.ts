/** What was measured, and what disturbed it. */
export interface Attempt<Result> {
  readonly result: Result;
  readonly disturbance: string | undefined;
}

const maxAttempts = 3;

/** Time for measuring again what others on the machine disturbed: a share of what the first attempts took so far. */
export class Patience {
  #leftMs = 0;

  constructor(
    readonly share: number,
    readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Measures until nobody disturbed it: three times at most, and while there is time left. The last attempt counts,
   * whatever it showed: only that it was disturbed decides.
   *
   * @param measure is told what disturbed the attempt before.
   */
  async undisturbed<Result>(measure: (disturbance?: string) => Promise<Attempt<Result>>): Promise<Result> {
    const from = this.now();
    let attempt = await measure();
    this.#leftMs += (this.now() - from) * this.share;
    for (let n = 1; n < maxAttempts && attempt.disturbance !== undefined && this.#leftMs > 0; n++) {
      const again = this.now();
      attempt = await measure(attempt.disturbance);
      this.#leftMs -= this.now() - again;
    }
    return attempt.result;
  }
}
