import type { Activity, GuildActivity, Status } from '@roomcast/spywatcher-protocol';

/** What is read of discord.js's objects: so much of them that a test can write down. */
interface DiscordUser {
  readonly id: string;
  readonly username?: string | null;
  readonly bot?: boolean | null;
  readonly createdTimestamp?: number;
}

interface DiscordChannel {
  readonly id: string;
  readonly name?: string | null;
}

export interface DiscordMessage {
  readonly guildId: string | null;
  readonly author: DiscordUser;
  readonly channel: DiscordChannel;
  readonly createdTimestamp: number;
}

export interface DiscordTyping {
  readonly guild: { readonly id: string } | null;
  readonly user: DiscordUser;
  readonly channel: DiscordChannel;
  readonly startedTimestamp: number;
}

export interface DiscordPresence {
  readonly guild: { readonly id: string } | null;
  readonly userId: string;
  readonly user: DiscordUser | null;
  readonly status: string;
  readonly clientStatus: Readonly<Partial<Record<'desktop' | 'mobile' | 'web', string>>> | null;
}

export interface DiscordMember {
  readonly guild: { readonly id: string };
  readonly user: DiscordUser;
  readonly joinedTimestamp?: number | null;
  readonly partial?: boolean;
  readonly roles: { readonly cache: { map(read: (role: { readonly name: string }) => string): string[] } };
}

/** Bots are no members whose habits anybody wants to know. Who is not known by name has none. */
function of(
  guildId: string | null | undefined,
  user: DiscordUser | null,
  at: number,
  make: (who: { userId: string; username: string; timestamp: string }) => Activity,
): GuildActivity | undefined {
  if (guildId === null || guildId === undefined || user === null || user.bot === true) return undefined;
  const who = { userId: user.id, username: user.username ?? '', timestamp: new Date(at).toISOString() };
  return { guildId, activity: make(who) };
}

/** The text of a message is not looked at. */
export function messageOf({ guildId, author, channel, createdTimestamp }: DiscordMessage): GuildActivity | undefined {
  return of(guildId, author, createdTimestamp, (who) => ({ type: 'message', ...who, ...channelOf(channel) }));
}

export function typingOf({ guild, user, channel, startedTimestamp }: DiscordTyping): GuildActivity | undefined {
  return of(guild?.id, user, startedTimestamp, (who) => ({ type: 'typing', ...who, ...channelOf(channel) }));
}

export function presenceOf(presence: DiscordPresence, now: number): GuildActivity | undefined {
  const { guild, userId, user, status, clientStatus } = presence;
  return of(guild?.id, user ?? { id: userId }, now, (who) => ({
    type: 'presence',
    ...who,
    status: statusOf(status),
    clientStatus: { ...clientStatus },
  }));
}

export function joinOf({ guild, user, joinedTimestamp }: DiscordMember, now: number): GuildActivity | undefined {
  const { createdTimestamp } = user;
  return of(guild.id, user, joinedTimestamp ?? now, (who) => ({
    type: 'join',
    ...who,
    ...(createdTimestamp !== undefined && { accountCreatedAt: new Date(createdTimestamp).toISOString() }),
  }));
}

/** Nothing where no role differs, or what there was before is not known. */
export function rolesOf(before: DiscordMember, after: DiscordMember, now: number): GuildActivity | undefined {
  if (before.partial === true) return undefined;
  const names = ({ roles }: DiscordMember) => roles.cache.map(({ name }) => name);
  const [old, current] = [names(before), names(after)];
  const addedRoles = current.filter((name) => !old.includes(name));
  const removedRoles = old.filter((name) => !current.includes(name));
  if (addedRoles.length === 0 && removedRoles.length === 0) return undefined;
  return of(after.guild.id, after.user, now, (who) => ({ type: 'roles', ...who, addedRoles, removedRoles }));
}

function channelOf({ id, name }: DiscordChannel) {
  return { channelId: id, ...(typeof name === 'string' && { channelName: name }) };
}

/** Who hides is offline for everybody else. */
function statusOf(status: string): Status {
  return status === 'online' || status === 'idle' || status === 'dnd' ? status : 'offline';
}
