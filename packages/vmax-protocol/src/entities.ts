import * as z from 'zod/mini';
import { isRecord } from './records.js';
import type { AnyStatus } from './statuses.js';

/** A regulator's status is another one. */
export interface RegulatorStatusChanged {
  readonly regulatorId: string;
  readonly barcode: string;
  readonly previousStatus: AnyStatus;
  readonly newStatus: AnyStatus;
}

/** A regulator was assigned to a player. */
export interface RegulatorCheckedOut {
  readonly regulatorId: string;
  readonly barcode: string;
  readonly playerId?: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  /** ISO 8601. */
  readonly checkoutDateTime: string;
}

/** A regulator was returned. */
export interface RegulatorCheckedIn {
  readonly regulatorId: string;
  readonly barcode: string;
  /** ISO 8601. */
  readonly checkinDateTime: string;
  readonly durationMinutes: number;
  readonly newStatus: AnyStatus;
}

/** Battery figures of a regulator. After an upload of several records: those of the latest, and how many they were. */
export interface TelemetryReceived {
  readonly regulatorId: string;
  /** When it was measured, ISO 8601. */
  readonly timestamp: string;
  /** State of charge, in percent. */
  readonly soc: number;
  /** State of health, in percent. */
  readonly soh: number;
  /** Only after an upload of several records. */
  readonly recordsUploaded?: number | undefined;
  /** The same as `timestamp`. */
  readonly latestTimestamp?: string | undefined;
  /** The same as `soc`. */
  readonly latestSoc?: number | undefined;
  /** The same as `soh`. */
  readonly latestSoh?: number | undefined;
}

/** A fleet's configuration changed. */
export interface FleetUpdated {
  /** Other servers may leave it out. */
  readonly fleetId?: string | undefined;
  /** The changed settings, by name, as the fleet's backend has them. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/** The payload of each event. */
export interface EventPayloads {
  REGULATOR_STATUS_CHANGED: RegulatorStatusChanged;
  REGULATOR_CHECKED_OUT: RegulatorCheckedOut;
  REGULATOR_CHECKED_IN: RegulatorCheckedIn;
  TELEMETRY_RECEIVED: TelemetryReceived;
  FLEET_UPDATED: FleetUpdated;
}

export type EventType = keyof EventPayloads;

const telemetryFields = {
  timestamp: z.string(),
  soc: z.number(),
  soh: z.number(),
};

/** What a client reads of each event. Fields that the protocol does not know stay. */
export const events = {
  REGULATOR_STATUS_CHANGED: z.looseObject({
    regulatorId: z.string(),
    barcode: z.string(),
    previousStatus: z.string(),
    newStatus: z.string(),
  }),
  REGULATOR_CHECKED_OUT: z.looseObject({
    regulatorId: z.string(),
    barcode: z.string(),
    playerId: z.optional(z.string()),
    firstName: z.string(),
    lastName: z.string(),
    checkoutDateTime: z.string(),
  }),
  REGULATOR_CHECKED_IN: z.looseObject({
    regulatorId: z.string(),
    barcode: z.string(),
    checkinDateTime: z.string(),
    durationMinutes: z.number(),
    newStatus: z.string(),
  }),
  TELEMETRY_RECEIVED: z.looseObject({
    regulatorId: z.string(),
    ...telemetryFields,
    recordsUploaded: z.optional(z.number()),
    latestTimestamp: z.optional(telemetryFields.timestamp),
    latestSoc: z.optional(telemetryFields.soc),
    latestSoh: z.optional(telemetryFields.soh),
  }),
  FLEET_UPDATED: z.looseObject({
    fleetId: z.optional(z.string()),
    changes: z.custom<FleetUpdated['changes']>(isRecord),
  }),
} as const satisfies { readonly [Type in EventType]: z.ZodMiniType<EventPayloads[Type]> };

export const eventTypes = Object.keys(events) as readonly EventType[];

/** Whether a message type names an event. */
export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(events, type);
}

/** Whether the regulator's own channel carries it too: never what names a player. */
export function isForRegulatorChannel(
  type: EventType,
): type is Extract<EventType, 'REGULATOR_STATUS_CHANGED' | 'TELEMETRY_RECEIVED'> {
  return type === 'REGULATOR_STATUS_CHANGED' || type === 'TELEMETRY_RECEIVED';
}
