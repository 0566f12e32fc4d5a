import {
  type EventPayloads,
  type EventType,
  type FleetEvent,
  isForRegulatorChannel,
  parsePublishEvent,
  type RegulatorStatus,
} from '@roomcast/vmax-protocol';

/** An event to publish. */
export type VmaxEvent = FleetEvent & {
  /** The status change that a check-out or check-in means is published by itself. @default false */
  readonly statusIsPublished?: boolean;
};

/** One message to clients, before its envelope. */
export type Announcement = {
  [Type in EventType]: { readonly type: Type; readonly payload: EventPayloads[Type] };
}[EventType];

/** What one publication tells: the form in which it travels between instances. */
export interface FleetNews {
  readonly fleetId: string;
  /** When it was published, in milliseconds since the epoch: the timestamp that every instance sends. */
  readonly at: number;
  readonly announcements: readonly Announcement[];
}

/** What clients are told of an event: a check-out or check-in is a status change too. */
export function newsOf(event: VmaxEvent, at: number): FleetNews {
  const { fleetId, type, payload } = event;
  const announcement = { type, payload } as Announcement;
  const change = event.statusIsPublished === true ? undefined : impliedStatus(event);
  return { fleetId, at, announcements: change === undefined ? [announcement] : [announcement, change] };
}

/**
 * The events of one request: a check-out or check-in whose status change is among them does not bring it about once
 * more. Each published change stands for one of them.
 */
export function withoutDoubledStatus(events: readonly VmaxEvent[]): readonly VmaxEvent[] {
  const published = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'REGULATOR_STATUS_CHANGED') continue;
    const key = changeKey(event.fleetId, event.payload);
    published.set(key, (published.get(key) ?? 0) + 1);
  }
  if (published.size === 0) return events;
  return events.map((event) => {
    const change = impliedStatus(event);
    if (change === undefined) return event;
    const key = changeKey(event.fleetId, change.payload);
    const left = published.get(key) ?? 0;
    if (left === 0) return event;
    published.set(key, left - 1);
    return { ...event, statusIsPublished: true };
  });
}

/** News in a message of the bus, or undefined where it holds none. Never throws. */
export function parseNews(value: unknown): FleetNews | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { fleetId, at, announcements } = value as Record<string, unknown>;
  if (typeof at !== 'number' || Number.isNaN(new Date(at).getTime()) || !Array.isArray(announcements)) return undefined;
  const parsed: Announcement[] = [];
  for (const announcement of announcements) {
    const event = parsePublishEvent({ ...announcement, fleetId });
    if (!event.ok) return undefined;
    parsed.push({ type: event.value.type, payload: event.value.payload } as Announcement);
  }
  return { fleetId: fleetId as string, at, announcements: parsed };
}

/** The regulator whose own channel carries an announcement too, if one does. */
export function regulatorTold({ type, payload }: Announcement): string | undefined {
  return isForRegulatorChannel(type) && 'regulatorId' in payload ? payload.regulatorId : undefined;
}

function impliedStatus(event: FleetEvent): Extract<Announcement, { type: 'REGULATOR_STATUS_CHANGED' }> | undefined {
  const change = (usually: RegulatorStatus, newStatus: EventPayloads['REGULATOR_CHECKED_IN']['newStatus']) => {
    const { regulatorId, barcode } = event.payload as EventPayloads['REGULATOR_CHECKED_OUT'];
    const payload = { regulatorId, barcode, previousStatus: event.previousStatus ?? usually, newStatus };
    return { type: 'REGULATOR_STATUS_CHANGED', payload } as const;
  };
  switch (event.type) {
    case 'REGULATOR_CHECKED_OUT':
      return change('READY', 'CHECKED_OUT');
    case 'REGULATOR_CHECKED_IN':
      return change('CHECKED_OUT', event.payload.newStatus);
    default:
      return undefined;
  }
}

/** What makes two status changes the same: where from is the publisher's to say better. */
function changeKey(fleetId: string, { regulatorId, newStatus }: EventPayloads['REGULATOR_STATUS_CHANGED']): string {
  return JSON.stringify([fleetId, regulatorId, newStatus]);
}
