import { kindOf, toIssues } from './issues.js';
import { isRecord, withoutNulls } from './records.js';
import type { Result } from './result.js';
import { isServerMessageType, type ServerMessage, type ServerMessageType, serverPayloads } from './server-messages.js';
import { completeTelemetry } from './telemetry.js';

/**
 * Checks what a server sent, ours or another, as text. Never throws. Fields the protocol does not know stay, and the
 * telemetry of an upload of several records gains `timestamp`, `soc` and `soh` where it lacks them.
 */
export function parseServerMessage(text: string): Result<ServerMessage> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return wrong('', 'JSON', 'something else');
  }
  if (!isRecord(input)) return wrong('', 'an object', kindOf(input));
  const { type, payload, timestamp } = input;
  if (!isServerMessageType(type)) return wrong('type', 'a message type of the protocol', kindOf(type));
  if (typeof timestamp !== 'string') return wrong('timestamp', 'an ISO 8601 time', kindOf(timestamp));
  return parsePayload(type, payload, timestamp);
}

function parsePayload(type: ServerMessageType, payload: unknown, timestamp: string): Result<ServerMessage> {
  const normal = normalPayload(type, payload);
  const parsed = serverPayloads[type].safeParse(normal);
  if (!parsed.success) return { ok: false, issues: toIssues(parsed.error.issues, normal, 'payload') };
  // The schema was chosen by the type, which the compiler can't follow.
  return { ok: true, value: { type, payload: parsed.data, timestamp } as ServerMessage };
}

function normalPayload(type: ServerMessageType, payload: unknown): unknown {
  if (type === 'PONG' || type === 'EVENTS_MISSED') return undefined;
  // The document gives this one no payload.
  if (type === 'FLEET_UPDATED' && (payload === undefined || payload === null)) return { changes: {} };
  if (!isRecord(payload)) return payload;
  const present = withoutNulls(payload);
  if (type === 'FLEET_UPDATED') return { changes: {}, ...present };
  return type === 'TELEMETRY_RECEIVED' ? completeTelemetry(present) : present;
}

function wrong(path: string, expected: string, got: string): Result<never> {
  return { ok: false, issues: [{ path, message: `expected ${expected}, got ${got}` }] };
}
