import type { ServerMessage } from '@roomcast/vmax-client';
import type { EventFeed } from '../../live/event-feed.js';

/** An event in words. What only answers this client's own requests is left to the frames. */
export function tell(feed: EventFeed, message: ServerMessage): void {
  const { timestamp } = message;
  switch (message.type) {
    case 'REGULATOR_STATUS_CHANGED': {
      const { barcode, previousStatus, newStatus } = message.payload;
      feed.add(timestamp, 'status', 'plain', `${barcode}: ${inWords(previousStatus)} → ${inWords(newStatus)}`);
      break;
    }
    case 'REGULATOR_CHECKED_OUT': {
      const { barcode, firstName, lastName } = message.payload;
      feed.add(timestamp, 'out', 'warn', `${barcode} goes to ${firstName} ${lastName}`);
      break;
    }
    case 'REGULATOR_CHECKED_IN': {
      const { barcode, durationMinutes, newStatus } = message.payload;
      feed.add(timestamp, 'in', 'good', `${barcode} is back after ${durationMinutes} min, now ${inWords(newStatus)}`);
      break;
    }
    case 'TELEMETRY_RECEIVED': {
      const { regulatorId, soc, soh, recordsUploaded } = message.payload;
      const records = recordsUploaded === undefined ? '' : `, ${recordsUploaded} records`;
      feed.add(timestamp, 'battery', 'info', `${regulatorId}: charge ${soc} %, health ${soh} %${records}`);
      break;
    }
    case 'FLEET_UPDATED': {
      const changes = Object.entries(message.payload.changes).map(
        ([name, value]) => `${name} ${JSON.stringify(value)}`,
      );
      feed.add(timestamp, 'fleet', 'info', `Configuration changed: ${changes.join(', ') || 'no details'}`);
      break;
    }
  }
}

/** `CHECKED_OUT` → `checked out` */
export function inWords(status: string): string {
  return status.toLowerCase().replaceAll('_', ' ');
}
