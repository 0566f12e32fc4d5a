import type { Clock, Cluster } from '@roomcast/engine';
import * as z from 'zod';

/** A place in the feed, and when it was reached, in milliseconds since the epoch. */
export const savedPosition = z.object({ sequence: z.int().nonnegative(), at: z.number() });

type SavedPosition = z.infer<typeof savedPosition>;

const key = 'sequence';

/** How far the feed was read, by any instance: whoever reads on begins there. */
export class FeedPosition {
  readonly #share;
  readonly #clock: Clock;
  #latest: SavedPosition | undefined;

  constructor(cluster: Pick<Cluster, 'share'>, clock: Clock, restored?: SavedPosition) {
    this.#clock = clock;
    this.#latest = restored;
    this.#share = cluster.share<unknown>('killmails.feed');
    this.#share.onChange(() => this.#hear());
    this.#hear();
  }

  get sequence(): number | undefined {
    return this.#latest?.sequence;
  }

  published(sequence: number): void {
    this.#latest = { sequence, at: this.#clock.now() };
    this.#share.set(key, this.#latest);
  }

  save(): SavedPosition | undefined {
    return this.#latest;
  }

  /** The latest counts, not the highest: the feed may have begun anew. */
  #hear(): void {
    for (const value of this.#share.values(key)) {
      const heard = savedPosition.safeParse(value).data;
      if (heard !== undefined && heard.at > (this.#latest?.at ?? 0)) this.#latest = heard;
    }
  }
}
