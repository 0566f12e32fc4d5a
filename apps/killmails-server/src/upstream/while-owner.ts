import type { Clock, Cluster, Stop } from '@roomcast/engine';
import type { Feed } from '../feed.js';

const checkEveryMs = 1000;
const key = 'killmails.feed';

/**
 * Of several instances one reads the feed: runs it while this is the one. Not from the first moment, when an instance
 * knows of no other yet. Two may for a moment both read; what both publish is taken once.
 */
export function runWhileOwner(feed: Feed, cluster: Pick<Cluster, 'isOwner'>, clock: Clock): Stop {
  return clock.every(checkEveryMs, () => {
    if (cluster.isOwner(key)) feed.start();
    else void feed.stop();
  });
}
