/** Divides long work, so that nothing else in the process waits for all of it. */
export class Slices {
  #since = performance.now();

  /** @param budgetMs how long the event loop may be held at a time, in milliseconds */
  constructor(readonly budgetMs: number) {}

  /** Whether the present slice is used up. */
  get over(): boolean {
    return performance.now() - this.#since >= this.budgetMs;
  }

  /** Resolves when everything else that was due has had its turn. */
  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
