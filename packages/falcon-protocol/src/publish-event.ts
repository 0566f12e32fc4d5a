import * as z from 'zod/mini';
import { id, roomId } from './ids.js';
import { kindOf, toIssues, within } from './issues.js';
import { isNestedAtMost, isRecord } from './json.js';
import { maxDataDepth } from './limits.js';
import { isMessageType, type MessageType, messageTypes } from './message-types.js';
import { presence } from './presence.js';
import type { Issue, Result } from './result.js';
import type { ServerData } from './server-messages.js';
import { timestamp } from './timestamps.js';

/**
 * An event that is to be published: to a room, to one connection, to all connections of a user, or, with none of the
 * three, to everybody. What is about a user's profile or groups goes to the user whom its `data` names; a `presence` with
 * none of the three to those who follow the presence of its `userId`.
 */
export type FalconEvent<Type extends MessageType = MessageType> = {
  [Each in Type]: {
    readonly type: Each;
    readonly data: ServerData[Each];
    readonly room?: string;
    readonly to?: string;
    readonly user_id?: string;
    /** Goes with the frame. */
    readonly id?: string;
    /** Epoch milliseconds or RFC 3339. @default when it is published */
    readonly timestamp?: string | number;
  };
}[Type];

const targets = ['room', 'to', 'user_id'] as const;

/** The fields of an event that is to be published; `data` is checked by its type. */
export const publishEvent = /* @__PURE__ */ (() =>
  z.strictObject({
    type: z.enum(messageTypes),
    room: z.nullish(roomId),
    to: z.nullish(id),
    user_id: z.nullish(id),
    data: z.optional(z.unknown()),
    id: z.nullish(id),
    timestamp: z.nullish(timestamp),
  }))();

/** The `data` of what may be published, by type. More fields than are named go with it. */
export const publishData: { readonly [Type in MessageType]: z.ZodMiniType } = /* @__PURE__ */ (() => {
  const anything = z.custom<unknown>((value) => value !== undefined, { error: 'expected any JSON' });
  const record = z.custom<Readonly<Record<string, unknown>>>(isRecord, { error: 'expected an object' });
  const text = z.optional(z.string());
  const count = z.int({ error: 'expected a whole number' });
  const member = z.looseObject({ connection_id: id, room_id: roomId, member_count: z.optional(count) });
  return {
    message: anything,
    custom_event: anything,
    notification: record,
    system_notification: z.looseObject({ message: text, connection_id: text, user_id: text }),
    system: z.looseObject({ action: z.string() }),
    heartbeat: z.looseObject({ timestamp: text }),
    room_update: z.looseObject({ action: z.string(), room_id: text, connection_id: text, user_id: text }),
    room_joined: member,
    room_left: member,
    error: z.looseObject({ message: z.string(), code: text }),
    presence,
    user_profile_update: z.looseObject({
      user_id: id,
      character_id: z.optional(count),
      profile: z.optional(record),
    }),
    group_membership_change: z.looseObject({ user_id: id, group_id: id, group_name: text, joined: z.boolean() }),
  };
})();

/** Checks an event that is to be published. Never throws; a refusal lists every bad field. Null counts as absent. */
export function parsePublishEvent(input: unknown): Result<FalconEvent> {
  if (!isRecord(input))
    return { ok: false, issues: [{ path: '', message: `expected an object, got ${kindOf(input)}` }] };
  const outer = publishEvent.safeParse(input);
  const issues = outer.success ? [] : toIssues(outer.error.issues, input);
  const { type, data } = input;
  if (isMessageType(type)) issues.push(...dataIssues(type, data), ...targetIssues(type, input));
  if (!outer.success || issues.length > 0) return { ok: false, issues };
  const given = Object.entries(outer.data).filter(([, value]) => value !== null && value !== undefined);
  // `data` is the very value that came: what is not named in its schema goes with it, prototype keys and all.
  return { ok: true, value: { ...Object.fromEntries(given), data: data ?? null } as FalconEvent };
}

function dataIssues(type: MessageType, data: unknown): Issue[] {
  if (!isNestedAtMost(data, maxDataDepth)) {
    return [{ path: 'data', message: `expected at most ${maxDataDepth} levels, got more` }];
  }
  const parsed = publishData[type].safeParse(data);
  return parsed.success ? [] : toIssues(parsed.error.issues, data).map((issue) => within('data', issue));
}

function targetIssues(type: MessageType, input: Readonly<Record<string, unknown>>): Issue[] {
  const given = targets.filter((target) => (input[target] ?? null) !== null);
  if (type === 'user_profile_update' || type === 'group_membership_change') {
    return given
      .filter((target) => target !== 'user_id' || !isOwn(input))
      .map((path) => ({ path, message: 'expected nothing: it goes to the user whom data.user_id names' }));
  }
  return given.slice(1).map((path) => ({ path, message: `expected nothing beside ${given[0]}` }));
}

function isOwn({ user_id, data }: Readonly<Record<string, unknown>>): boolean {
  return isRecord(data) && data.user_id === user_id;
}
