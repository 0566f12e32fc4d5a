import { useSyncExternalStore } from 'react';
import type { Pulse } from './pulse.js';

/** Renders the component again when the pulse tells of a change. Gives the version, for memoised parts to depend on. */
export function usePulse(pulse: Pulse): number {
  return useSyncExternalStore(pulse.subscribe, pulse.version);
}
