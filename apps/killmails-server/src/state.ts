import * as z from 'zod';
import { savedPosition } from './upstream/position.js';

/**
 * What survives a restart: the counts, the kills that are in them, and the place in the feed. In one place, so that the
 * three always belong together: a kill that is read again is known to be counted.
 */
export const state = z.object({
  gateway: z.object({
    counts: z.array(z.tuple([z.int(), z.array(z.tuple([z.int(), z.int().nonnegative()]))])),
    taken: z.array(z.tuple([z.int(), z.int(), z.int()]).readonly()).readonly(),
  }),
  feed: savedPosition.optional(),
});
