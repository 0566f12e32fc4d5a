import type { Connected, VmaxClient } from '@roomcast/vmax-client';
import type { EventFeed } from '../../live/event-feed.js';
import type { Pulse } from '../../live/pulse.js';
import type { Board } from './board.js';

/** Everything the view shows. */
export interface VmaxModel {
  readonly board: Board;
  readonly feed: EventFeed;
  /** Tells of changes in what follows. */
  readonly pulse: Pulse;
  /** Undefined before the first connection. */
  client: VmaxClient | undefined;
  /** Whom the server took this connection for. */
  connected: Connected | undefined;
}
