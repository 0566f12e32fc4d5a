import type { ConnectionState as State } from '@roomcast/client-core';

/**
 * What a person is shown:
 * - `connecting`: for the first time
 * - `connected`
 * - `reconnecting`: an attempt has failed, or the connection was lost; it is being worked on
 * - `disconnected`: by the application, or not begun
 * - `error`: for good; `connect()` would end the same way
 */
export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected' | 'error';

/** @param again whether an attempt has failed, or a connection was lost, before */
export function connectionStateOf(state: State, again: boolean): ConnectionState {
  switch (state) {
    case 'open':
      return 'connected';
    case 'connecting':
    case 'authenticating':
      return again ? 'reconnecting' : 'connecting';
    case 'waiting':
      return 'reconnecting';
    case 'failed':
      return 'error';
    case 'idle':
    case 'closed':
      return 'disconnected';
  }
}
