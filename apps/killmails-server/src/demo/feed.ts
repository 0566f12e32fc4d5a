import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Logger, Stop } from '@roomcast/engine';
import type { Feed, FeedStatus } from '../feed.js';
import { FreshIds } from './fresh-ids.js';
import { freshen, popularSystems, type RecordedKillmail } from './freshen.js';
import { Replay } from './replay.js';

interface DemoFeedOptions {
  /** One recorded killmail per line. */
  path: string;
  clock: Clock;
  logger: Logger;
  /** Takes a killmail; resolves to what is wrong with it, if anything is. */
  take(killmail: object): Promise<string | undefined>;
  /** Between two kills on average, in milliseconds. @default 1000 */
  intervalMs?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

/** Real killmails as if they happened now, about one a second, every other one in a system that everybody watches. */
export class DemoFeed implements Feed {
  readonly #options: Required<DemoFeedOptions>;
  readonly #ids = new FreshIds();
  #replay: Replay | undefined;
  #publishing: Promise<void> = Promise.resolve();
  #cancel: Stop = () => {};
  #published = 0;

  constructor(options: DemoFeedOptions) {
    this.#options = { intervalMs: 1000, random: Math.random, ...options };
  }

  get status(): FeedStatus {
    return { source: 'demo', state: this.#replay === undefined ? 'stopped' : 'replaying' };
  }

  start(): void {
    if (this.#replay !== undefined) return;
    this.#replay = new Replay(this.#options.path, this.#options.random);
    this.#schedule(this.#replay);
  }

  async stop(): Promise<void> {
    const replay = this.#replay;
    this.#replay = undefined;
    this.#cancel();
    await this.#publishing;
    await replay?.close();
  }

  #schedule(replay: Replay): void {
    const { clock, intervalMs, random } = this.#options;
    this.#cancel = clock.after(intervalMs * (0.5 + random()), () => {
      this.#publishing = this.#publish(replay).then(() => {
        if (this.#replay === replay) this.#schedule(replay);
      });
    });
  }

  async #publish(replay: Replay): Promise<void> {
    const { clock, logger, random, take } = this.#options;
    try {
      const line = await replay.next();
      await turn();
      const recorded: RecordedKillmail = JSON.parse(line);
      const moves = this.#published++ % 2 === 0;
      const system = moves ? popularSystems[Math.floor(random() * popularSystems.length)] : undefined;
      await turn();
      const at = clock.now();
      const wrong = await take(freshen(recorded, { id: this.#ids.next(at), at, system }));
      if (wrong !== undefined) logger.warn({ reason: wrong }, 'a killmail of the demo feed is none');
    } catch (error) {
      // The next one may be fine, and a demo without kills should at least say why.
      logger.error({ err: error }, 'the demo feed failed to publish a killmail');
    }
  }
}
