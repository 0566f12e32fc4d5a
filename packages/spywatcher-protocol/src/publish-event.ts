import * as z from 'zod/mini';
import { type Activity, activities, activityTypes, isActivityType, platforms, statuses } from './activity.js';
import { id, name, time } from './ids.js';
import { kindOf, toIssues } from './issues.js';
import { maxChannelDiversity, maxGhosts, maxLurkers, maxRoles } from './limits.js';
import { isRecord, withoutNulls } from './records.js';
import type { Issue, Result } from './result.js';
import { guildEventNames, isGuildEventName, type ServerEvents } from './server-events.js';

/** What may be published: every event of the server but those that tell of itself. */
export type PublishedEventName = Exclude<keyof ServerEvents, 'events:missed' | 'error'>;

export const publishedEventNames = [
  'analytics:update',
  ...guildEventNames,
] as const satisfies readonly PublishedEventName[];

/** An event of a guild, checked: exactly the fields that are sent. */
export type GuildEvent<Name extends PublishedEventName = PublishedEventName> = {
  [Each in Name]: {
    readonly guildId: string;
    readonly event: Each;
    readonly data: ServerEvents[Each] & { guildId: string };
  };
}[Name];

/** What a member of a guild did: it feeds the analytics, and sends the event it implies. */
export interface GuildActivity {
  readonly guildId: string;
  readonly activity: Activity;
}

export type PublishEvent = GuildEvent | GuildActivity;

/** A list of which the first `most` entries are sent. */
function firstOf<Entry extends z.ZodMiniType>(entry: Entry, most: number) {
  return z.pipe(
    z.array(entry),
    z.transform((list) => list.slice(0, most)),
  );
}

/** The data of what may be published, by event. What the protocol does not name is left out: it gets to no client. */
export const publishedData = /* @__PURE__ */ (() => {
  const who = { userId: id, username: name };
  const of = { guildId: id, ...who };
  const count = z.number().check(z.nonnegative());
  const analytics = z.object({
    ghosts: firstOf(z.object({ ...who, ghostScore: z.number() }), maxGhosts),
    lurkers: firstOf(z.object({ ...who, lurkerScore: z.number(), channelCount: count }), maxLurkers),
    channelDiversity: firstOf(z.object({ ...who, channelCount: count }), maxChannelDiversity),
    timestamp: time,
  });
  return {
    'analytics:update': z.object({ guildId: id, data: analytics, timestamp: time }),
    'message:new': z.object({ ...of, channelId: id, channelName: name, timestamp: time }),
    'alert:multiClient': z.object({
      ...of,
      platforms: z.array(z.enum(platforms)).check(z.maxLength(platforms.length)),
      timestamp: time,
    }),
    'presence:update': z.object({ ...of, status: z.enum(statuses), timestamp: time }),
    'role:change': z.object({ ...of, addedRoles: z.array(name).check(z.maxLength(maxRoles)), timestamp: time }),
    'user:join': z.object({ ...of, accountAgeDays: count, timestamp: time }),
  } as const;
})();

/**
 * Checks what is to be published: `{guildId, event, data}`, or `{guildId, activity}`. Never throws; a refusal lists every
 * bad field. A field that is null is absent.
 */
export function parsePublishEvent(input: unknown): Result<PublishEvent> {
  if (!isRecord(input)) return refused([{ path: '', message: `expected an object, got ${kindOf(input)}` }]);
  const guildId = id.safeParse(input.guildId);
  const issues = guildId.success ? [] : toIssues(guildId.error.issues, input.guildId, 'guildId');
  const both = input.activity !== undefined && input.event !== undefined;
  if (both) issues.push({ path: 'activity', message: `expected either event and data or activity, got both` });
  const rest = input.activity === undefined ? parseEvent(input, guildId.data) : parseActivity(input.activity);
  if (!rest.ok) issues.push(...rest.issues);
  if (!guildId.success || !rest.ok || issues.length > 0) return refused(issues);
  return { ok: true, value: { guildId: guildId.data, ...rest.value } as PublishEvent };
}

function parseEvent(input: Readonly<Record<string, unknown>>, guildId = ''): Result<Omit<GuildEvent, 'guildId'>> {
  const { event, data } = input;
  if (event !== 'analytics:update' && !isGuildEventName(event)) {
    const names = publishedEventNames.join(', ');
    return refused([{ path: 'event', message: `expected one of ${names}, or an activity, got ${kindOf(event)}` }]);
  }
  const normal = normalData(event, data, guildId);
  const parsed = publishedData[event].safeParse(normal);
  if (!parsed.success) return refused(toIssues(parsed.error.issues, normal, 'data'));
  if (guildId !== '' && parsed.data.guildId !== guildId) {
    const got = kindOf(parsed.data.guildId);
    return refused([{ path: 'data.guildId', message: `expected the event's guildId, got ${got}` }]);
  }
  // The schema was chosen by the event, which the compiler can't follow.
  return { ok: true, value: { event, data: parsed.data } as Omit<GuildEvent, 'guildId'> };
}

/**
 * The data with its defaults: the guild is the event's; of the two times of analytics one is enough; analytics may be
 * given without the envelope that clients get them in.
 */
function normalData(event: PublishedEventName, given: unknown, guildId: string): unknown {
  if (!isRecord(given)) return given;
  const data = withoutNulls(given);
  if (event !== 'analytics:update') return { guildId, ...data };
  if (!isRecord(data.data)) {
    const { guildId: of = guildId, ...analytics } = data;
    return 'data' in data ? { guildId, ...data } : { guildId: of, data: analytics, timestamp: data.timestamp };
  }
  const inner = { timestamp: data.timestamp, ...withoutNulls(data.data) };
  return { guildId, timestamp: inner.timestamp, ...data, data: inner };
}

function parseActivity(given: unknown): Result<Omit<GuildActivity, 'guildId'>> {
  if (!isRecord(given)) return refused([{ path: 'activity', message: `expected an object, got ${kindOf(given)}` }]);
  const activity = withoutNulls(given);
  const { type } = activity;
  if (!isActivityType(type)) {
    const message = `expected one of ${activityTypes.join(', ')}, got ${kindOf(type)}`;
    return refused([{ path: 'activity.type', message }]);
  }
  const parsed = activities[type].safeParse(activity);
  if (!parsed.success) return refused(toIssues(parsed.error.issues, activity, 'activity'));
  return { ok: true, value: { activity: parsed.data } };
}

function refused(issues: readonly Issue[]): Result<never> {
  return { ok: false, issues };
}
