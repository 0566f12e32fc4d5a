import { type Activity, type GuildEventName, platformsOf, type ServerEvents } from '@roomcast/spywatcher-protocol';

/** A guild's event with its data. */
export type Implied = { [Name in GuildEventName]: readonly [Name, ServerEvents[Name]] }[GuildEventName];

const dayMs = 86_400_000;
/** Discord's ids count milliseconds since 2015, in their upper bits. */
const discordEpoch = 1_420_070_400_000;
const idTimeShift = 22n;
const discordId = /^\d{17,20}$/;

/** The events that somebody's activity is for those who follow the guild. */
export function impliedEvents(guildId: string, activity: Activity): Implied[] {
  const { userId, username, timestamp } = activity;
  const who = { guildId, userId, username };
  switch (activity.type) {
    case 'message': {
      const { channelId = '', channelName = channelId } = activity;
      return [['message:new', { ...who, channelId, channelName, timestamp }]];
    }
    case 'typing':
      return [];
    case 'presence': {
      const platforms = platformsOf(activity.clientStatus);
      const status = activity.status ?? (platforms.length > 0 ? 'online' : 'offline');
      const update: Implied = ['presence:update', { ...who, status, timestamp }];
      return platforms.length > 1 ? [update, ['alert:multiClient', { ...who, platforms, timestamp }]] : [update];
    }
    case 'join': {
      const accountAgeDays = ageInDays(activity.accountCreatedAt ?? createdAt(userId), timestamp);
      return accountAgeDays === undefined ? [] : [['user:join', { ...who, accountAgeDays, timestamp }]];
    }
    case 'roles': {
      const { addedRoles, removedRoles } = activity;
      if (addedRoles.length === 0 && removedRoles.length === 0) return [];
      return [['role:change', { ...who, addedRoles, timestamp }]];
    }
  }
}

/** When a Discord account was made, as its id tells. */
function createdAt(userId: string): string | undefined {
  if (!discordId.test(userId)) return undefined;
  return new Date(Number(BigInt(userId) >> idTimeShift) + discordEpoch).toISOString();
}

/** Whole days since an account was made; none where it was made later. */
function ageInDays(created: string | undefined, now: string): number | undefined {
  if (created === undefined) return undefined;
  return Math.max(0, Math.floor((Date.parse(now) - Date.parse(created)) / dayMs));
}
