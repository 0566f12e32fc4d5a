import type { Phase } from '../connection/client.js';

/** What people read. */
export const phaseNames: Readonly<Record<Phase, string>> = {
  off: 'Not connected',
  connecting: 'Connecting',
  open: 'Live',
  waiting: 'Reconnecting',
  failed: 'Refused',
  cut: 'Cut',
};
