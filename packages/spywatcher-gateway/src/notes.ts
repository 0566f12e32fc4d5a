import { RoomcastError } from '@roomcast/engine';
import {
  type AnalyticsUpdate,
  type GuildActivity,
  type GuildEvent,
  type GuildEventName,
  isId,
  type PublishEvent,
  parsePublishEvent,
  sanitise,
} from '@roomcast/spywatcher-protocol';

/**
 * What instances tell each other.
 * - `event`: for those who follow the guild's events.
 * - `activity`: every instance counts it, and tells those who follow the guild's events of what it implies.
 * - `analytics`: figures that somebody published: the instance that sends updates does so when it is time.
 * - `update`: figures that are sent now.
 */
export type Note =
  | ({ readonly kind: 'event' } & GuildEvent<GuildEventName>)
  | ({ readonly kind: 'activity' } & GuildActivity)
  | { readonly kind: 'analytics'; readonly guildId: string; readonly data: AnalyticsUpdate }
  | { readonly kind: 'update'; readonly guildId: string; readonly data: AnalyticsUpdate };

/** The topic that every instance follows: activity and analytics. */
export const analyticsTopic = 'analytics';

/** The topic of one guild's events. */
export function guildTopic(guildId: string): string {
  return `guild.${guildId}`;
}

/** What is told the instances of something that is published. Throws where it is not what its types say. */
export function noteOf(published: PublishEvent): Note {
  const { guildId } = published;
  if ('activity' in published) return { kind: 'activity', guildId, activity: published.activity };
  const { event } = published;
  const data = sanitise(event, published.data);
  if (data === undefined) throw new RoomcastError(`${event}: expected data with the fields of the protocol`);
  // The data was checked for the event, which the compiler can't follow.
  if (event === 'analytics:update')
    return { kind: 'analytics', guildId, data: { ...data, guildId } as AnalyticsUpdate };
  return { kind: 'event', guildId, event, data: { ...data, guildId } } as Note;
}

/** A note of another instance, checked as what is published is; undefined where it is none. */
export function parseNote(value: unknown): Note | undefined {
  const { kind, guildId, event, data, activity }: Record<string, unknown> = Object(value);
  if (!isId(guildId)) return undefined;
  switch (kind) {
    case 'event':
      return eventNote({ guildId, event, data });
    case 'activity':
      return activityNote({ guildId, activity });
    case 'analytics':
    case 'update': {
      const update = sanitise('analytics:update', data);
      return update?.guildId === guildId ? { kind, guildId, data: update } : undefined;
    }
    default:
      return undefined;
  }
}

function eventNote(input: object): Note | undefined {
  const parsed = parsePublishEvent(input);
  if (!parsed.ok || !('event' in parsed.value)) return undefined;
  const { value } = parsed;
  return value.event === 'analytics:update' ? undefined : { kind: 'event', ...value };
}

function activityNote(input: object): Note | undefined {
  const parsed = parsePublishEvent(input);
  return parsed.ok && 'activity' in parsed.value ? { kind: 'activity', ...parsed.value } : undefined;
}
