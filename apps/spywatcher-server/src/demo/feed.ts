import type { Clock, Stop } from '@roomcast/engine';
import type { GuildActivity } from '@roomcast/spywatcher-protocol';
import { DemoGuild } from './guild.js';

export interface DemoFeedOptions {
  readonly guilds: readonly string[];
  readonly clock: Clock;
  publish(event: GuildActivity): unknown;
  /** Between two things that happen, on average, in milliseconds. @default 400 */
  readonly intervalMs?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

/** What happens in the demo's guilds, about two and a half things a second. */
export class DemoFeed {
  readonly #options: Required<DemoFeedOptions>;
  readonly #guilds: readonly DemoGuild[];
  #cancel: Stop | undefined;

  constructor(options: DemoFeedOptions) {
    this.#options = { intervalMs: 400, random: Math.random, ...options };
    const { guilds, clock, random } = this.#options;
    this.#guilds = guilds.map((guildId) => new DemoGuild({ guildId, now: () => clock.now(), random }));
  }

  start(): void {
    if (this.#cancel === undefined) this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { clock, intervalMs, random, publish } = this.#options;
    this.#cancel = clock.after(intervalMs * (0.5 + random()), () => {
      this.#schedule();
      const guild = this.#guilds[Math.floor(random() * this.#guilds.length)];
      if (guild !== undefined) publish(guild.next());
    });
  }
}
