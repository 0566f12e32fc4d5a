import {
  type Activity,
  type Analytics as Computed,
  lurkerPresences,
  maxChannelDiversity,
  maxGhosts,
  maxLurkers,
} from '@roomcast/spywatcher-protocol';
import { GuildFigures, type SavedGuild } from './guild.js';
import { Top } from './top.js';
import { oldestPart } from './window.js';

export interface AnalyticsLimits {
  /** Members of one guild that are told apart; what others do is not counted until some have done nothing for 7 days. */
  readonly maxMembersPerGuild: number;
  /** Members of all guilds together. */
  readonly maxMembers: number;
  /** Guilds with any activity in 7 days; that of others is not counted. */
  readonly maxGuilds: number;
}

/** What members of guilds did in the last seven days, and what follows of it. */
export class Analytics {
  readonly #guilds = new Map<string, GuildFigures>();
  #members = 0;
  /** The part of the window up to which everything was forgotten. */
  #cleanedTo = 0;

  constructor(readonly limits: AnalyticsLimits) {}

  /** Members that are told apart now, in all guilds. */
  get members(): number {
    return this.#members;
  }

  /** Bytes of counts and channels, in all guilds. */
  get bytes(): number {
    let bytes = 0;
    for (const guild of this.#guilds.values()) bytes += guild.bytes;
    return bytes;
  }

  /** Counts what a member did; false where it does not count. */
  record(guildId: string, activity: Activity, now: number): boolean {
    const { maxMembers, maxMembersPerGuild, maxGuilds } = this.limits;
    if (this.#members >= maxMembers || this.#guilds.size >= maxGuilds) this.#clean(now);
    const known = this.#guilds.get(guildId);
    if (known === undefined && this.#guilds.size >= maxGuilds) return false;
    const guild = known ?? new GuildFigures(maxMembersPerGuild);
    const before = guild.members;
    const isCounted = guild.record(activity, now, this.#members < maxMembers);
    this.#members += guild.members - before;
    if (guild.members > 0) this.#guilds.set(guildId, guild);
    return isCounted;
  }

  compute(guildId: string, now: number): Computed {
    const ghosts = new Top(maxGhosts);
    const lurkers = new Top(maxLurkers);
    const diversity = new Top(maxChannelDiversity);
    const figures = this.#guilds.get(guildId)?.figures(now) ?? nobody;
    const { userIds, usernames, messages, typing, presences, channels } = figures;
    for (let row = 0; row < userIds.length; row++) {
      const typed = typing[row] as number;
      const said = messages[row] as number;
      const present = presences[row] as number;
      const visited = channels[row] as number;
      if (typed > 0) ghosts.offer(row, typed / Math.max(1, said));
      if (present >= lurkerPresences && said === 0 && typed === 0) lurkers.offer(row, present);
      if (visited > 0) diversity.offer(row, visited);
    }
    const who = (row: number) => ({ userId: userIds[row] as string, username: usernames[row] as string });
    const channelCount = (row: number) => channels[row] as number;
    return {
      ghosts: ghosts.best.map(({ row, score }) => ({ ...who(row), ghostScore: score })),
      lurkers: lurkers.best.map(({ row }) => ({ ...who(row), lurkerScore: 1, channelCount: channelCount(row) })),
      channelDiversity: diversity.best.map(({ row }) => ({ ...who(row), channelCount: channelCount(row) })),
      timestamp: new Date(now).toISOString(),
    };
  }

  saved(now: number): Record<string, SavedGuild> {
    this.#clean(now);
    return Object.fromEntries([...this.#guilds].map(([guildId, guild]) => [guildId, guild.saved(now)]));
  }

  /** Guilds of which something is known already stay as they are. */
  restore(saved: Readonly<Record<string, SavedGuild>>): void {
    for (const [guildId, state] of Object.entries(saved)) {
      if (this.#guilds.has(guildId) || this.#guilds.size >= this.limits.maxGuilds) continue;
      const guild = GuildFigures.restored(state, this.limits.maxMembersPerGuild);
      if (this.#members + guild.members > this.limits.maxMembers) continue;
      this.#members += guild.members;
      this.#guilds.set(guildId, guild);
    }
  }

  /** Forgets members, and guilds, of whom nothing counts any more. */
  #clean(now: number): void {
    if (oldestPart(now) <= this.#cleanedTo) return;
    this.#cleanedTo = oldestPart(now);
    for (const [guildId, guild] of this.#guilds) {
      const before = guild.members;
      guild.forget(now);
      this.#members += guild.members - before;
      if (guild.members === 0) this.#guilds.delete(guildId);
    }
  }
}

const none = new Uint32Array(0);
/** A guild of which nothing is known. */
const nobody: ReturnType<GuildFigures['figures']> = {
  userIds: [],
  usernames: [],
  messages: none,
  typing: none,
  presences: none,
  channels: new Uint16Array(0),
};
