import type { Activity, GuildEvent, PublishEvent } from '@roomcast/spywatcher-protocol';
import type { Instance } from './server.js';

export const at = '2026-01-16T12:00:00.000Z';

/** An event of each kind, for guild 1. */
export const guildEvents = {
  'message:new': { userId: '7', username: 'ann', channelId: '70', channelName: 'general', timestamp: at },
  'alert:multiClient': { userId: '7', username: 'ann', platforms: ['desktop', 'web'], timestamp: at },
  'presence:update': { userId: '7', username: 'ann', status: 'online', timestamp: at },
  'role:change': { userId: '7', username: 'ann', addedRoles: ['Moderator'], timestamp: at },
  'user:join': { userId: '7', username: 'ann', accountAgeDays: 3, timestamp: at },
} as const;

export const analytics = {
  ghosts: [{ userId: '8', username: 'ghost', ghostScore: 12 }],
  lurkers: [{ userId: '9', username: 'lurker', lurkerScore: 1, channelCount: 0 }],
  channelDiversity: [{ userId: '7', username: 'ann', channelCount: 4 }],
  timestamp: at,
};

/** Publishes as a backend would: what is not accepted fails the test. */
export function publish({ gateway }: Pick<Instance, 'gateway'>, input: object): Promise<void> {
  const parsed = gateway.parse(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return gateway.publish(parsed.event).done;
}

export function guildEvent(event: keyof typeof guildEvents, guildId = '1'): GuildEvent {
  return { guildId, event, data: { guildId, ...guildEvents[event] } } as GuildEvent;
}

export function activity(given: Partial<Activity> & { type: Activity['type'] }, guildId = '1'): PublishEvent {
  return {
    guildId,
    activity: {
      userId: '7',
      username: 'ann',
      timestamp: new Date().toISOString(),
      addedRoles: [],
      removedRoles: [],
      ...given,
    },
  } as PublishEvent;
}
