import type { Stop } from '../clock.js';

/**
 * The way between instances. An adapter hands texts to a broker and back; who sent them, their order and what is
 * missing is the engine's business (`topics.ts`).
 *
 * What one connection publishes to a topic arrives in that order, each message at most once. An adapter notices within
 * 30 s that its broker is out of reach, and says so with `status`: what was published meanwhile is asked for again when
 * it is `up`.
 */
export interface Bus {
  readonly status: BusStatus;
  /** Resolves when the broker has the message, rejects with `BusDownError` when it has not, or may not have it. */
  publish(topic: string, message: string): Promise<void>;
  /**
   * Resolves once messages published from now on will arrive; rejects with `BusDownError` when the broker could not be
   * had in time. The adapter restores subscriptions after an outage, before it says `up`.
   */
  subscribe(topic: string, receive: (message: string) => void): Promise<() => void>;
  /**
   * Hears what programs that are no instances publish on a channel or subject of exactly this name; every instance that
   * listens hears each message once. Otherwise like `subscribe`. Absent: the bus has no such way in.
   */
  subscribeForeign?(channel: string, receive: (message: string) => void): Promise<() => void>;
  /** Calls `listener` on every change of `status`. */
  onStatus(listener: (status: BusStatus) => void): Stop;
  close(): Promise<void>;
}

export type BusStatus = 'up' | 'down';
