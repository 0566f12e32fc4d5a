/** What was measured, and what disturbed it. */
export interface Attempt<Result> {
  readonly result: Result;
  readonly disturbance: string | undefined;
}

const maxAttempts = 3;

/** Time that a run has for measuring again what others on the machine disturbed. */
export class Patience {
  #leftMs: number;

  constructor(
    seconds: number,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#leftMs = seconds * 1000;
  }

  /**
   * Measures until nobody disturbed it: three times at most, and while there is time left. The last attempt counts,
   * whatever it showed: only that it was disturbed decides.
   *
   * @param measure is told what disturbed the attempt before.
   */
  async undisturbed<Result>(measure: (disturbance?: string) => Promise<Attempt<Result>>): Promise<Result> {
    let attempt = await measure();
    for (let n = 1; n < maxAttempts && attempt.disturbance !== undefined && this.#leftMs > 0; n++) {
      const from = this.now();
      attempt = await measure(attempt.disturbance);
      this.#leftMs -= this.now() - from;
    }
    return attempt.result;
  }
}
