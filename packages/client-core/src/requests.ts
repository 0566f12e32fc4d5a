import { type Clock, systemClock } from './clock.js';
import { ClientError, NotConnectedError, RequestRejectedError, TimeoutError } from './errors.js';

interface Pending<Answer> {
  readonly operation: string;
  cancel(): void;
  resolve(answer: Answer): void;
  reject(error: ClientError): void;
}

/**
 * Questions until they are answered, told apart by a key such as a message's id. Each ends within the time-out, and with
 * its connection: what is asked is asked once.
 */
export class Requests<Key, Answer> {
  readonly #pending = new Map<Key, Pending<Answer>>();

  constructor(
    private readonly timeoutMs: number,
    private readonly clock: Clock = systemClock,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Asks, and waits for the answer. A key whose answer is awaited already is refused.
   * @param operation what is asked, for errors
   * @param transmit sends it; false where there is no connection
   */
  ask(key: Key, operation: string, transmit: () => boolean): Promise<Answer> {
    if (this.#pending.has(key)) {
      return Promise.reject(new ClientError(`${operation}: an answer to ${String(key)} is awaited already`));
    }
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(this.timeoutMs, () => {
        this.#take(key)?.reject(new TimeoutError(operation, this.timeoutMs));
      });
      // Noted first: an answer may come at once.
      this.#pending.set(key, { operation, cancel, resolve, reject });
      if (!transmit()) this.#take(key)?.reject(new NotConnectedError(operation));
    });
  }

  /** Whether somebody waited for it. */
  answered(key: Key, answer: Answer): boolean {
    const pending = this.#take(key);
    pending?.resolve(answer);
    return pending !== undefined;
  }

  /** @param reason what the server said. Whether somebody waited for it. */
  rejected(key: Key, reason: string): boolean {
    const pending = this.#take(key);
    pending?.reject(new RequestRejectedError(pending.operation, reason));
    return pending !== undefined;
  }

  /** No answer will come any more. */
  interrupted(error: ClientError): void {
    for (const key of [...this.#pending.keys()]) this.#take(key)?.reject(error);
  }

  #take(key: Key): Pending<Answer> | undefined {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    pending?.cancel();
    return pending;
  }
}
