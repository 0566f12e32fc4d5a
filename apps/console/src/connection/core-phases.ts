import type { ConnectionChange, ConnectionState } from '@roomcast/client-core';
import type { ClientHooks, Phase } from './client.js';

const phases: Readonly<Record<ConnectionState, Exclude<Phase, 'cut'>>> = {
  idle: 'connecting',
  connecting: 'connecting',
  authenticating: 'connecting',
  open: 'open',
  waiting: 'waiting',
  failed: 'failed',
  closed: 'off',
};

/** For clients on client-core's connection. */
export function tellPhase(hooks: ClientHooks): (change: ConnectionChange) => void {
  return ({ state, retryInMs }) => hooks.phase(phases[state], retryInMs);
}
