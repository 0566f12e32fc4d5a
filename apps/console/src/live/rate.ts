/** Counts per second of the last minutes, in bounded memory. */
export class Rate {
  readonly #counts: number[];
  #second = 0;

  /** @param seconds how far back it remembers */
  constructor(readonly seconds: number) {
    this.#counts = new Array(seconds + 1).fill(0);
  }

  add(count: number, nowMs: number = Date.now()): void {
    this.#advance(nowMs);
    const slot = this.#second % this.#counts.length;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Of the last full seconds, on average. */
  perSecond(nowMs: number = Date.now(), over = 3): number {
    const history = this.history(nowMs).slice(-over);
    return history.reduce((sum, count) => sum + count, 0) / over;
  }

  /** One figure per full second, oldest first; the running second is left out because it is not over. */
  history(nowMs: number = Date.now()): number[] {
    this.#advance(nowMs);
    const size = this.#counts.length;
    return Array.from({ length: this.seconds }, (_, index) => this.#counts[(this.#second + 1 + index) % size] ?? 0);
  }

  /** Seconds in which nothing was counted hold what was there a round ago, until they are passed. */
  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const size = this.#counts.length;
    const first = Math.max(this.#second + 1, second - size + 1);
    for (let passed = first; passed <= second; passed++) this.#counts[passed % size] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
