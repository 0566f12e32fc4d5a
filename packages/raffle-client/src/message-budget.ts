/** Counts messages in a sliding window, to stay below what a server allows. */
export class MessageBudget {
  readonly #sentAt: number[] = [];

  constructor(private readonly windowMs: number) {}

  /** How long to wait until one more fits, 0 where it does now. */
  waitMs(now: number, limit: number): number {
    while (this.#sentAt[0] !== undefined && now - this.#sentAt[0] >= this.windowMs) this.#sentAt.shift();
    const first = this.#sentAt[this.#sentAt.length - limit];
    // Whoever sets the clock back does not make this wait for longer than the window.
    return first === undefined ? 0 : Math.min(this.windowMs, first + this.windowMs - now);
  }

  spend(now: number): void {
    this.#sentAt.push(now);
  }

  clear(): void {
    this.#sentAt.length = 0;
  }
}
