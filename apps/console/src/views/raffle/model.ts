import type { EventFeed } from '../../live/event-feed.js';
import type { Market } from './market.js';

/** Everything the view shows. */
export interface RaffleModel {
  readonly market: Market;
  readonly feed: EventFeed;
}
