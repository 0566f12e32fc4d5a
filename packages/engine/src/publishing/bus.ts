import type { Stop } from '../clock.js';

/**
 * The way between instances. An adapter hands texts to a broker and back; who sent them, their order and what is
 * missing is the engine's business (`topics.ts`).
 */
export interface Bus {
  readonly status: BusStatus;
  /** Resolves when the broker has the message, rejects with `BusDownError` when it has not. */
  publish(topic: string, message: string): Promise<void>;
  /** Resolves once messages published from now on will arrive. The adapter restores subscriptions after an outage. */
  subscribe(topic: string, receive: (message: string) => void): Promise<() => void>;
  /** Calls `listener` on every change of `status`. */
  onStatus(listener: (status: BusStatus) => void): Stop;
  close(): Promise<void>;
}

export type BusStatus = 'up' | 'down';
