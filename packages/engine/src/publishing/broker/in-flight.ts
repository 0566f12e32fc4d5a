import type { Clock } from '../../clock.js';
import { BusDownError, BusFullError } from '../../errors.js';

interface Waiting {
  readonly deadline: number;
  settle(error: Error | null): void;
}

/** The publications of one connection that the broker has not confirmed: bounded in bytes and in time. */
export class InFlight {
  /** Bytes of messages that the client of the broker still holds, also of those that were given up here. */
  bytes = 0;
  readonly #waiting = new Set<Waiting>();
  #drained: (() => void) | null = null;

  constructor(
    readonly options: { clock: Clock; maxPendingBytes: number; replyTimeoutMs: number },
    readonly broker: string,
  ) {}

  run(bytes: number, send: () => Promise<void>): Promise<void> {
    const { clock, maxPendingBytes, replyTimeoutMs } = this.options;
    if (this.bytes > 0 && this.bytes + bytes > maxPendingBytes) {
      return Promise.reject(new BusFullError(this.bytes, maxPendingBytes));
    }
    this.bytes += bytes;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        deadline: clock.now() + replyTimeoutMs,
        settle: (error) => {
          this.#waiting.delete(waiting);
          if (this.#waiting.size === 0) this.#drained?.();
          if (error === null) resolve();
          else reject(error);
        },
      };
      this.#waiting.add(waiting);
      send().then(
        () => {
          this.bytes -= bytes;
          waiting.settle(null);
        },
        (error: Error) => {
          this.bytes -= bytes;
          waiting.settle(error instanceof BusDownError ? error : this.#notTaken(error));
        },
      );
    });
  }

  /** Gives up those that wait too long. The broker may have them all the same. */
  expire(): void {
    const now = this.options.clock.now();
    // They wait in the order in which they came, all of them equally long.
    for (const waiting of this.#waiting) {
      if (waiting.deadline > now) return;
      waiting.settle(new BusDownError(`${this.broker} did not confirm a message in ${this.options.replyTimeoutMs} ms`));
    }
  }

  /** Gives up all. The broker may have some of them all the same. */
  abandon(cause: Error): void {
    for (const waiting of [...this.#waiting]) waiting.settle(this.#notTaken(cause));
  }

  /** Resolves when none waits. */
  async drained(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  #notTaken(cause: Error): BusDownError {
    return new BusDownError(`${this.broker} has not confirmed a message: ${cause.message}`, { cause });
  }
}
