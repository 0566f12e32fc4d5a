import * as z from 'zod/mini';
import { type EventPayloads, type EventType, eventTypes, isEventType } from './entities.js';
import { id } from './ids.js';
import { kindOf, toIssues } from './issues.js';
import { maxChangesDepth } from './limits.js';
import { isNestedAtMost, isRecord, withoutNulls } from './records.js';
import type { Issue, Result } from './result.js';
import { type RegulatorStatus, regulatorStatus } from './statuses.js';
import { completeTelemetry, isBatch } from './telemetry.js';

/** An event of a fleet, checked: exactly the fields that are sent. */
export type FleetEvent<Type extends EventType = EventType> = {
  [Each in Type]: {
    readonly fleetId: string;
    readonly type: Each;
    readonly payload: EventPayloads[Each];
    /** Of a check-out or check-in: what the status was before, where the publisher says so. It is not sent with it. */
    readonly previousStatus?: RegulatorStatus;
  };
}[Type];

const maxTextLength = 256;
const text = z.string().check(z.maxLength(maxTextLength, { error: `expected at most ${maxTextLength} characters` }));
const time = z.iso.datetime({ offset: true, error: 'expected an ISO 8601 time with offset' });
const of = { regulatorId: id, barcode: text };
const figures = { timestamp: time, soc: z.number(), soh: z.number() };
const changes = z.custom<EventPayloads['FLEET_UPDATED']['changes']>(
  (value) => isRecord(value) && isNestedAtMost(value, maxChangesDepth),
  { error: `expected an object of at most ${maxChangesDepth} levels` },
);

/** What may be published, by type. What the protocol does not name is left out: nothing else gets to clients. */
export const publishPayloads = {
  REGULATOR_STATUS_CHANGED: z.object({ ...of, previousStatus: regulatorStatus, newStatus: regulatorStatus }),
  REGULATOR_CHECKED_OUT: z.object({
    ...of,
    playerId: z.optional(text),
    firstName: text,
    lastName: text,
    checkoutDateTime: time,
    previousStatus: z.optional(regulatorStatus),
  }),
  REGULATOR_CHECKED_IN: z.object({
    ...of,
    checkinDateTime: time,
    durationMinutes: z.number().check(z.nonnegative()),
    newStatus: regulatorStatus,
    previousStatus: z.optional(regulatorStatus),
  }),
  TELEMETRY_RECEIVED: z.object({ regulatorId: id, ...figures }),
  FLEET_UPDATED: z.object({ fleetId: id, changes }),
} as const;

/** `TELEMETRY_RECEIVED` for an upload of several records. */
export const batchTelemetry = z.object({
  regulatorId: id,
  ...figures,
  recordsUploaded: z.int().check(z.positive()),
  latestTimestamp: figures.timestamp,
  latestSoc: figures.soc,
  latestSoh: figures.soh,
});

/**
 * Checks an event that is to be published: `{fleetId, type, payload}`. Never throws; a refusal lists every bad field.
 * A field that is null is absent.
 */
export function parsePublishEvent(input: unknown): Result<FleetEvent> {
  if (!isRecord(input)) return refused([{ path: '', message: `expected an object, got ${kindOf(input)}` }]);
  const { type, payload } = input;
  const fleetId = id.safeParse(input.fleetId);
  const issues = fleetId.success ? [] : toIssues(fleetId.error.issues, input.fleetId, 'fleetId');
  if (!isEventType(type)) {
    issues.push({ path: 'type', message: `expected one of ${eventTypes.join(', ')}, got ${kindOf(type)}` });
    return refused(issues);
  }
  const normal = normalPayload(type, payload, fleetId.data);
  const parsed = schemaFor(type, normal).safeParse(normal);
  if (!parsed.success) issues.push(...toIssues(parsed.error.issues, normal, 'payload'));
  else if (type === 'FLEET_UPDATED') issues.push(...otherFleet(parsed.data, fleetId.data));
  if (!fleetId.success || !parsed.success || issues.length > 0) return refused(issues);
  return { ok: true, value: eventOf(fleetId.data, type, parsed.data) };
}

function schemaFor(type: EventType, payload: unknown): z.ZodMiniType {
  return type === 'TELEMETRY_RECEIVED' && isRecord(payload) && isBatch(payload)
    ? batchTelemetry
    : publishPayloads[type];
}

/** The payload with its defaults: a fleet's update may leave out what the event says already, and what changed. */
function normalPayload(type: EventType, payload: unknown, fleetId: string | undefined): unknown {
  if (type === 'FLEET_UPDATED' && (payload === undefined || payload === null)) return { fleetId, changes: {} };
  if (!isRecord(payload)) return payload;
  const present = withoutNulls(payload);
  if (type === 'FLEET_UPDATED') return { fleetId, changes: {}, ...present };
  return type === 'TELEMETRY_RECEIVED' ? completeTelemetry(present) : present;
}

function otherFleet(payload: unknown, fleetId: string | undefined): Issue[] {
  const named = isRecord(payload) ? payload.fleetId : undefined;
  if (fleetId === undefined || named === fleetId) return [];
  return [{ path: 'payload.fleetId', message: `expected the event's fleetId, got ${kindOf(named)}` }];
}

/** The status before goes beside the payload, because the documented messages do not have it. */
function eventOf(fleetId: string, type: EventType, checked: unknown): FleetEvent {
  if (type !== 'REGULATOR_CHECKED_OUT' && type !== 'REGULATOR_CHECKED_IN') {
    return { fleetId, type, payload: checked } as FleetEvent;
  }
  const { previousStatus, ...payload } = checked as { previousStatus?: RegulatorStatus };
  return { fleetId, type, payload, ...(previousStatus === undefined ? {} : { previousStatus }) } as FleetEvent;
}

function refused(issues: readonly Issue[]): Result<never> {
  return { ok: false, issues };
}
