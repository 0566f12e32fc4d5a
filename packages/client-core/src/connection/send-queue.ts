/** What is to be sent once there is a connection, in order, each once. Full, it refuses: what was accepted is kept. */
export class SendQueue {
  readonly #waiting: string[] = [];

  /** @param capacity how many messages; 0: none */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** False where there is no room. */
  offer(text: string): boolean {
    if (this.#waiting.length >= this.capacity) return false;
    this.#waiting.push(text);
    return true;
  }

  /** The next one, which is no longer in the queue then. */
  take(): string | undefined {
    return this.#waiting.shift();
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}
