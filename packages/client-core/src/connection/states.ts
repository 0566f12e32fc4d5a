import type { ClientError } from '../errors.js';

/**
 * - `idle`: not asked to connect yet
 * - `connecting`: an attempt is under way, from getting the token to the handshake
 * - `authenticating`: the WebSocket is open; the server has yet to say that it may be used
 * - `open`: usable
 * - `waiting`: until the next attempt
 * - `closed`: by its owner, for good
 * - `failed`: by the server, or for want of credentials; connecting again would end the same way
 */
export type ConnectionState = 'idle' | 'connecting' | 'authenticating' | 'open' | 'waiting' | 'closed' | 'failed';

/** What a person needs to know: it works, it will, it does not. */
export type ConnectionStatus = 'connected' | 'connecting' | 'disconnected';

/**
 * Why a state was entered:
 * - `started`: the owner asked for it · `retried`: the wait is over
 * - `opened`: the handshake is done · `accepted`: the server said that the connection may be used
 * - `refused`: the server did not accept it, or could not be reached, or there was no token
 * - `lost`: it ended · `timed-out`: it took too long to come about · `unresponsive`: a heartbeat was not answered
 * - `closed`: the owner closed it
 */
export type ChangeCode =
  | 'started'
  | 'retried'
  | 'opened'
  | 'accepted'
  | 'refused'
  | 'lost'
  | 'timed-out'
  | 'unresponsive'
  | 'closed';

/** A connection is in another state now. */
export interface ConnectionChange {
  readonly state: ConnectionState;
  readonly previous: ConnectionState;
  readonly code: ChangeCode;
  /** The same in words, for people. Holds no token. */
  readonly reason: string;
  /** What went wrong, where something did. */
  readonly error?: ClientError | undefined;
  /** In `waiting`: how long. */
  readonly retryInMs?: number | undefined;
}

const transitions: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['authenticating', 'waiting', 'failed', 'closed'],
  authenticating: ['open', 'waiting', 'failed', 'closed'],
  open: ['waiting', 'failed', 'closed'],
  waiting: ['connecting', 'closed'],
  failed: ['closed'],
  closed: [],
};

export function canBecome(from: ConnectionState, to: ConnectionState): boolean {
  return transitions[from].includes(to);
}

export function statusOf(state: ConnectionState): ConnectionStatus {
  switch (state) {
    case 'open':
      return 'connected';
    case 'connecting':
    case 'authenticating':
    case 'waiting':
      return 'connecting';
    case 'idle':
    case 'closed':
    case 'failed':
      return 'disconnected';
  }
}
