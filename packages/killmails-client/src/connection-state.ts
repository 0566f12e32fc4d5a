import type { ClientError } from '@roomcast/client-core';

/**
 * - `connecting`: an attempt is under way
 * - `joining`: connected; the server was told the wishes
 * - `live`: the server said yes; kills arrive
 * - `waiting`: until the next attempt
 * - `closed`: for good
 */
export type ConnectionState = 'connecting' | 'joining' | 'live' | 'waiting' | 'closed';

const transitions: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  // Phoenix starts over by itself when a hidden page is shown again, without waiting and without telling.
  connecting: ['connecting', 'joining', 'waiting', 'closed'],
  joining: ['live', 'waiting', 'connecting', 'closed'],
  live: ['waiting', 'connecting', 'closed'],
  waiting: ['waiting', 'connecting', 'joining', 'closed'],
  closed: [],
};

export interface ConnectionChange {
  readonly state: ConnectionState;
  readonly previous: ConnectionState;
  /** Why, when it was not the client's own doing. */
  readonly error?: ClientError | undefined;
  /** In `waiting`: how long. */
  readonly retryInMs?: number | undefined;
}

/** From `closed` nothing leads anywhere: what was under way when the client was closed may still end. */
export function canBecome(from: ConnectionState, to: ConnectionState): boolean {
  return transitions[from].includes(to);
}
