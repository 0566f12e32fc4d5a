import type { Clock, Cluster, Stop } from '@roomcast/engine';
import type { Feed } from '../feed.js';

const checkEveryMs = 1000;
const key = 'killmails.feed';

/**
 * Of several instances one reads the feed: runs it while this is the one. Two may for a moment think so; what both
 * publish is taken once.
 */
export function runWhileOwner(feed: Feed, cluster: Pick<Cluster, 'isOwner'>, clock: Clock): Stop {
  const check = () => {
    if (cluster.isOwner(key)) feed.start();
    else void feed.stop();
  };
  check();
  return clock.every(checkEveryMs, check);
}
