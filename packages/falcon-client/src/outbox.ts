import type { ClientError, Clock } from '@roomcast/client-core';

/** Something to be sent, once or not at all. */
export interface Outgoing {
  send(): unknown;
  /** It will not be sent. */
  drop(error: ClientError): void;
}

export interface OutboxOptions {
  readonly clock: Clock;
  readonly maxQueued: number;
  readonly maxMessagesPerSecond: number;
}

const windowMs = 1000;

/**
 * What waits for the connection, in order and bounded, and leaves it no faster than servers allow: they close who sends
 * too much, and all that waits would otherwise be sent in one burst on each new connection.
 */
export class Outbox {
  readonly #requests: Outgoing[] = [];
  readonly #messages: Outgoing[] = [];
  readonly #sentAt: number[] = [];
  #state: 'held' | 'open' | { stopWaiting(): void } = 'held';

  constructor(private readonly options: OutboxOptions) {}

  /** Messages that wait. */
  get size(): number {
    return this.#messages.length;
  }

  /** For this connection alone, ahead of all messages: it restores what they rely on. */
  request(one: Outgoing): void {
    this.#requests.push(one);
    this.#send();
  }

  /** For this connection or the next. False where too many wait already. */
  offer(one: Outgoing): boolean {
    this.#messages.push(one);
    this.#send();
    if (this.#messages.length <= this.options.maxQueued) return true;
    this.#messages.pop();
    return false;
  }

  opened(): void {
    this.#state = 'open';
    this.#send();
  }

  /** Nothing is sent until `opened()`. The next connection counts anew. */
  interrupted(error: ClientError): void {
    if (typeof this.#state === 'object') this.#state.stopWaiting();
    this.#state = 'held';
    this.#sentAt.length = 0;
    for (const one of this.#requests.splice(0)) one.drop(error);
  }

  /** Nothing that waits will be sent. */
  end(error: ClientError): void {
    this.interrupted(error);
    for (const one of this.#messages.splice(0)) one.drop(error);
  }

  #send(): void {
    const { clock } = this.options;
    while (this.#state === 'open') {
      const lane = this.#requests.length > 0 ? this.#requests : this.#messages;
      if (lane.length === 0) return;
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#state = {
          stopWaiting: clock.after(waitMs, () => {
            this.#state = 'open';
            this.#send();
          }),
        };
        return;
      }
      this.#sentAt.push(clock.now());
      lane.shift()?.send();
    }
  }

  /** How long until one more fits into the window, 0 where it does now. */
  #waitMs(): number {
    const now = this.options.clock.now();
    while (this.#sentAt[0] !== undefined && now - this.#sentAt[0] >= windowMs) this.#sentAt.shift();
    const first = this.#sentAt[this.#sentAt.length - this.options.maxMessagesPerSecond];
    // Whoever sets the clock back does not make this wait for longer than the window.
    return first === undefined ? 0 : Math.min(windowMs, first + windowMs - now);
  }
}
