import type { Analytics, AnalyticsUpdate } from '@roomcast/spywatcher-client';
import { Pulse } from '../../live/pulse.js';

/** What is known of a guild. */
export interface Guild {
  readonly analytics: Analytics | undefined;
  /** When the analytics were made, in milliseconds since the epoch. */
  readonly updatedAt: number | undefined;
  /** Events heard, by their name. */
  readonly counts: ReadonlyMap<string, number>;
}

const nothing: Guild = { analytics: undefined, updatedAt: undefined, counts: new Map() };

/** The guilds that are followed. */
export class Guilds {
  readonly pulse = new Pulse();
  readonly #guilds = new Map<string, Guild>();

  get(id: string): Guild {
    return this.#guilds.get(id) ?? nothing;
  }

  update({ guildId, data, timestamp }: AnalyticsUpdate): void {
    const updatedAt = Date.parse(timestamp) || Date.now();
    this.#guilds.set(guildId, { ...this.get(guildId), analytics: data, updatedAt });
    this.pulse.changed();
  }

  count(guildId: string, event: string): void {
    const guild = this.get(guildId);
    const counts = new Map(guild.counts).set(event, (guild.counts.get(event) ?? 0) + 1);
    this.#guilds.set(guildId, { ...guild, counts });
    this.pulse.changed();
  }

  clear(): void {
    this.#guilds.clear();
    this.pulse.changed();
  }
}
