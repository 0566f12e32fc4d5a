import type { Logger } from '@roomcast/engine';
import { type StateFile, stateFile } from '@roomcast/server';
import * as z from 'zod';
import { savedPosition } from './upstream/position.js';

const state = z.object({
  gateway: z.object({
    counts: z.array(z.tuple([z.int(), z.array(z.tuple([z.int(), z.int().nonnegative()]))])),
    seen: z.array(z.int()).readonly(),
  }),
  feed: savedPosition.optional(),
});

/**
 * What survives a restart: the counts, the ids that were counted, and the place in the feed. In one file, so that the
 * three always belong together: a kill that is read again is known to be counted.
 */
export type State = z.infer<typeof state>;

export function openState(dir: string, logger: Logger): StateFile<State> {
  return stateFile(dir, 'killmails', state, logger);
}
