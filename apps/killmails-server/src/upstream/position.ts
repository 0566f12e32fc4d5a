import type { Clock, Cluster } from '@roomcast/engine';
import * as z from 'zod';

/** A place in the feed, and when it was reached, in milliseconds since the epoch. */
export const savedPosition = z.object({ sequence: z.int().nonnegative(), at: z.number() });

/** `isSettled`: whoever reached it has stopped reading there, and all that was published has gone out. */
const sharedPosition = savedPosition.extend({ isSettled: z.boolean().optional() });

type SavedPosition = z.infer<typeof savedPosition>;
type SharedPosition = z.infer<typeof sharedPosition>;

const key = 'sequence';
const question = 'killmails.feed.position';
/** What is read again of what an instance published that has died: its last messages may have died with it. */
const readAgain = 10;

/** How far the feed was read, by any instance: whoever reads on begins there. */
export class FeedPosition {
  readonly #share;
  readonly #cluster: Pick<Cluster, 'share' | 'answer' | 'ask'>;
  readonly #clock: Clock;
  #latest: SharedPosition | undefined;
  #isOwn = true;

  constructor(cluster: Pick<Cluster, 'share' | 'answer' | 'ask'>, clock: Clock, restored?: SavedPosition) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#latest = restored;
    this.#share = cluster.share<unknown>('killmails.feed');
    this.#share.onChange(() => {
      for (const value of this.#share.values(key)) this.#hear(value);
    });
    cluster.answer(question, () => this.#latest);
  }

  get sequence(): number | undefined {
    return this.#latest?.sequence;
  }

  /** How many killmails up to there are better read once more. Those that were taken are known by their ids. */
  get again(): number {
    return this.#isOwn || this.#latest?.isSettled === true ? 0 : readAgain;
  }

  published(sequence: number): void {
    this.#put({ sequence, at: this.#clock.now() });
  }

  /** Reading has stopped here, and what was published has gone out. */
  settle(): void {
    if (this.#isOwn && this.#latest !== undefined)
      this.#put({ ...this.#latest, at: this.#clock.now(), isSettled: true });
  }

  /** Asks the others: an instance that came late has not heard of one that is gone. */
  async learn(): Promise<void> {
    const parse = (value: unknown) => sharedPosition.nullable().safeParse(value).data;
    const { answers } = await this.#cluster.ask(question, null, { parse });
    for (const position of answers.values()) this.#hear(position);
  }

  /** Takes over what was saved, where it could not be had at the start. */
  restore(saved: SavedPosition | undefined): void {
    this.#hear(saved);
  }

  save(): SavedPosition | undefined {
    return this.#latest && { sequence: this.#latest.sequence, at: this.#latest.at };
  }

  #put(position: SharedPosition): void {
    this.#latest = position;
    this.#isOwn = true;
    this.#share.set(key, position);
  }

  /** The latest counts, not the highest: the feed may have begun anew. */
  #hear(value: unknown): void {
    const heard = sharedPosition.safeParse(value).data;
    if (heard === undefined || heard.at <= (this.#latest?.at ?? 0)) return;
    this.#latest = heard;
    this.#isOwn = false;
  }
}
