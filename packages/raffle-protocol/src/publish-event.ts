import * as z from 'zod/mini';
import { id, publishedData, time } from './event-schemas.js';
import { eventTypes, isEventType, type RaffleEvent } from './events.js';
import { toIssues, within } from './issues.js';
import type { Result } from './result.js';

/** An event as a backend publishes it; `data` is checked by its type. */
export const publishEvent = z.strictObject({
  message_type: z.enum(eventTypes),
  data: z.optional(z.unknown()),
  room: z.nullish(id),
  timestamp: z.optional(time),
});

/**
 * Checks an event that is to be published. Never throws. Fields beside these four are refused, since one that is
 * misspelt would else be lost without a word; more fields in `data` are passed on.
 */
export function parsePublishEvent(input: unknown): Result<RaffleEvent> {
  const outer = publishEvent.safeParse(input);
  const issues = outer.success ? [] : toIssues(outer.error.issues, input);
  const { message_type: type, data: given }: { message_type?: unknown; data?: unknown } = Object(input);
  if (!isEventType(type)) return { ok: false, issues };
  const data = publishedData[type].safeParse(given);
  if (!data.success) issues.push(...toIssues(data.error.issues, given).map((issue) => within('data', issue)));
  if (!outer.success || !data.success) return { ok: false, issues };
  const { room, timestamp } = outer.data;
  // The schema was chosen by the type that the event is given.
  const event = { message_type: type, data: data.data } as RaffleEvent;
  return {
    ok: true,
    value: { ...event, ...(typeof room === 'string' && { room }), ...(timestamp !== undefined && { timestamp }) },
  };
}
