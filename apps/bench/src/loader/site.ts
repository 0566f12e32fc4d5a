import type { Target } from './client.js';
import type { Placement } from './meter.js';
import type { Speech } from './speech.js';

/** Where the load goes: the server, how it is spoken to, and the cores. */
export interface Site {
  readonly target: Target;
  readonly speech: Speech;
  readonly placement: Placement;
}
