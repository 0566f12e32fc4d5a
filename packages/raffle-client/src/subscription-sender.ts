import type { ClientError, Clock } from '@roomcast/client-core';
import {
  maxMessagesPerMinute,
  maxMessagesPerMinuteBeforeAuth,
  messageWindowMs,
  type Subscription,
} from '@roomcast/raffle-protocol';
import { TooManySubscriptionsError } from './errors.js';
import { keyOf } from './filters.js';
import { MessageBudget } from './message-budget.js';
import { clientMessage } from './messages.js';

export interface SubscriptionSenderOptions {
  readonly maxSubscriptions: number;
  readonly clock: Clock;
  /** Everything that is wanted by now. */
  wanted(): readonly Subscription[];
  isAuthenticated(): boolean;
  /** False where there is no connection: a new one is told everything anyway. */
  transmit(text: string): boolean;
  onError(error: ClientError): void;
}

/** The share of the server's limit that lists may use; the rest is for heartbeats and authentication. */
const share = 0.75;

/**
 * Tells the server what is wanted: one message for all changes of a tick, none for a list it has, and never so many
 * that it would close the connection for it: then the latest list goes when there is room again.
 */
export class SubscriptionSender {
  /** The list the server has, whatever its order. A new connection has an empty one. */
  #sent = '';
  #isChanged = false;
  #cancelWait: (() => void) | undefined;
  readonly #budget = new MessageBudget(messageWindowMs);

  constructor(private readonly options: SubscriptionSenderOptions) {}

  changed(): void {
    if (this.#isChanged) return;
    this.#isChanged = true;
    queueMicrotask(() => this.#settle());
  }

  /** A new connection knows nothing. */
  connected(): void {
    this.interrupted();
    this.#sent = '';
    this.#budget.clear();
    this.#send();
  }

  /** There is no connection to wait for. */
  interrupted(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #settle(): void {
    this.#isChanged = false;
    const { maxSubscriptions, wanted, onError } = this.options;
    const count = wanted().length;
    if (count > maxSubscriptions) onError(new TooManySubscriptionsError(maxSubscriptions, count));
    if (this.#cancelWait === undefined) this.#send();
  }

  #send(): void {
    const { maxSubscriptions, clock, wanted, isAuthenticated, transmit } = this.options;
    const subscriptions = wanted().slice(0, maxSubscriptions);
    const list = subscriptions.map(keyOf).sort().join();
    if (list === this.#sent) return;
    const limit = isAuthenticated() ? maxMessagesPerMinute : maxMessagesPerMinuteBeforeAuth;
    const waitMs = this.#budget.waitMs(clock.now(), Math.floor(share * limit));
    if (waitMs > 0) {
      this.#cancelWait = clock.after(waitMs, () => {
        this.#cancelWait = undefined;
        this.#send();
      });
    } else if (transmit(clientMessage('subscribe', { subscriptions, notify_missed: true }))) {
      this.#sent = list;
      this.#budget.spend(clock.now());
    }
  }
}
