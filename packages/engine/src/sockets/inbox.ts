import { isPromise } from '../handlers.js';

/** Whose inbox it is: handles its messages, and hears how many wait so that reading can pause. */
export interface InboxOwner<Message> {
  handle(message: Message): unknown;
  waiting(change: number): void;
  failed(error: unknown): void;
}

/**
 * Handles messages one after the other. As long as handlers are synchronous so is it; a message that comes while one
 * is still being handled waits its turn.
 */
export class Inbox<Message> {
  #waiting: Message[] | null = null;

  constructor(readonly owner: InboxOwner<Message>) {}

  push(message: Message): void {
    if (this.#waiting !== null) {
      this.#waiting.push(message);
      this.owner.waiting(1);
      return;
    }
    const pending = this.#run(message);
    if (pending !== undefined) void this.#drain(pending);
  }

  /** Forgets what waits; what is being handled runs to its end. */
  clear(): void {
    if (this.#waiting === null || this.#waiting.length === 0) return;
    this.owner.waiting(-this.#waiting.length);
    this.#waiting = [];
  }

  /** A promise only where the handler is still at work. It never rejects. */
  #run(message: Message): PromiseLike<unknown> | undefined {
    try {
      const result = this.owner.handle(message);
      if (!isPromise(result)) return undefined;
      return result.then(undefined, (error: unknown) => this.owner.failed(error));
    } catch (error) {
      this.owner.failed(error);
      return undefined;
    }
  }

  async #drain(pending: PromiseLike<unknown>): Promise<void> {
    this.#waiting = [];
    await pending;
    while (this.#waiting.length > 0) {
      const message = this.#waiting.shift() as Message;
      this.owner.waiting(-1);
      await this.#run(message);
    }
    this.#waiting = null;
  }
}
