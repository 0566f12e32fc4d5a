import * as z from 'zod/mini';

const text = z.string();
const who = { userId: text, username: text };
/** Ours says of which guild an event is; other servers leave it out. */
const event = { guildId: z.optional(text), ...who };

const ghost = z.object({ ...who, ghostScore: z.number() });
const lurker = z.object({
  ...who,
  lurkerScore: z.number(),
  channelCount: z.number(),
});
const diversity = z.object({ ...who, channelCount: z.number() });

/** What a server sends, by event: exactly the documented fields, others are left out. */
export const serverEvents = {
  'analytics:update': z.object({
    guildId: text,
    data: z.object({
      ghosts: z.array(ghost),
      lurkers: z.array(lurker),
      channelDiversity: z.array(diversity),
      timestamp: text,
    }),
    timestamp: text,
  }),
  'message:new': z.object({ ...event, channelId: text, channelName: text, timestamp: text }),
  'alert:multiClient': z.object({
    ...event,
    platforms: z.array(text),
    timestamp: text,
  }),
  'presence:update': z.object({ ...event, status: text, timestamp: text }),
  'role:change': z.object({ ...event, addedRoles: z.array(text), timestamp: text }),
  'user:join': z.object({
    ...event,
    accountAgeDays: z.number(),
    timestamp: text,
  }),
  /** An extension, for a client that asked for it; without a guild it may have been any, and its analytics. */
  'events:missed': z.object({ guildId: z.optional(text) }),
  error: z.object({ message: text }),
} as const;

export type ServerEventName = keyof typeof serverEvents;

/** The data of each event of the server. */
export type ServerEvents = { [Name in ServerEventName]: z.infer<(typeof serverEvents)[Name]> };

/** What happens in a guild, for its events room. */
export type GuildEventName = Exclude<ServerEventName, 'analytics:update' | 'events:missed' | 'error'>;

export type AnalyticsUpdate = ServerEvents['analytics:update'];
export type Analytics = AnalyticsUpdate['data'];
export type MessageNew = ServerEvents['message:new'];
export type MultiClientAlert = ServerEvents['alert:multiClient'];
export type PresenceUpdate = ServerEvents['presence:update'];
export type RoleChange = ServerEvents['role:change'];
export type UserJoin = ServerEvents['user:join'];
export type EventsMissed = ServerEvents['events:missed'];
export type ServerError = ServerEvents['error'];

export const guildEventNames = [
  'message:new',
  'alert:multiClient',
  'presence:update',
  'role:change',
  'user:join',
] as const satisfies readonly GuildEventName[];

/** Whether an event is one of a guild's events room. */
export function isGuildEventName(value: unknown): value is GuildEventName {
  return (guildEventNames as readonly unknown[]).includes(value);
}

/** Whether it is the name of an event that a server sends. */
export function isServerEventName(value: unknown): value is ServerEventName {
  return typeof value === 'string' && Object.hasOwn(serverEvents, value);
}
