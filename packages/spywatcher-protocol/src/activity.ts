import * as z from 'zod/mini';
import { id, name, time } from './ids.js';
import { maxRoles } from './limits.js';

/** What a member's presence may be. */
export const statuses = ['online', 'idle', 'dnd', 'offline'] as const;

export type Status = (typeof statuses)[number];

/** Where a member may be connected to Discord. */
export const platforms = ['desktop', 'mobile', 'web'] as const;

export type Platform = (typeof platforms)[number];

/** What a member did, as the analytics count it, by type. */
export const activities = /* @__PURE__ */ (() => {
  const who = { userId: id, username: name, timestamp: time };
  const channel = { channelId: z.optional(id), channelName: z.optional(name) };
  const roles = z._default(z.array(name).check(z.maxLength(maxRoles)), []);
  const platformStatus = z.optional(z.nullable(z.string()));
  return {
    message: z.object({ type: z.literal('message'), ...who, ...channel }),
    typing: z.object({ type: z.literal('typing'), ...who, ...channel }),
    presence: z.object({
      type: z.literal('presence'),
      ...who,
      status: z.optional(z.enum(statuses)),
      clientStatus: z.optional(z.object({ desktop: platformStatus, mobile: platformStatus, web: platformStatus })),
    }),
    join: z.object({ type: z.literal('join'), ...who, accountCreatedAt: z.optional(time) }),
    roles: z.object({ type: z.literal('roles'), ...who, addedRoles: roles, removedRoles: roles }),
  } as const;
})();

export type ActivityType = keyof typeof activities;

export const activityTypes = [
  'message',
  'typing',
  'presence',
  'join',
  'roles',
] as const satisfies readonly ActivityType[];

/** What a member of a guild did. */
export type Activity = { [Type in ActivityType]: z.infer<(typeof activities)[Type]> }[ActivityType];

/** Whether it is a type of activity. */
export function isActivityType(value: unknown): value is ActivityType {
  return (activityTypes as readonly unknown[]).includes(value);
}

/** Where a member is connected from, in the order desktop, mobile, web. */
export function platformsOf(
  clientStatus: Readonly<Partial<Record<Platform, string | null | undefined>>> = {},
): Platform[] {
  return platforms.filter((platform) => {
    const status = clientStatus[platform];
    return typeof status === 'string' && status !== '' && status !== 'offline';
  });
}
