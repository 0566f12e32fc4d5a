import { kindOf, toIssues, within } from './issues.js';
import { isRecord } from './json.js';
import { isMessageType, type MessageType } from './message-types.js';
import type { Result } from './result.js';
import { type ServerMessage, serverData } from './server-messages.js';
import { momentOf } from './timestamps.js';

const envelopeFields = ['room', 'from', 'to', 'id'] as const;

/**
 * Checks what a server sent, ours or another, as text. Never throws. `data` is the very object that came; of the envelope
 * only what the protocol knows is left, and a `timestamp` in milliseconds becomes RFC 3339.
 */
export function parseServerMessage(text: string): Result<ServerMessage> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return wrong('', 'JSON', 'something else');
  }
  if (!isRecord(input)) return wrong('', 'an object', kindOf(input));
  const { type, data, timestamp } = input;
  if (!isMessageType(type)) return wrong('type', 'a message type of the protocol', kindOf(type));
  const envelope: Record<string, string> = {};
  for (const field of envelopeFields) {
    const value = input[field] ?? undefined;
    if (typeof value === 'string') envelope[field] = value;
    else if (value !== undefined) return wrong(field, 'a text', kindOf(value));
  }
  const moment = momentOf(timestamp);
  if (moment !== undefined) envelope.timestamp = typeof timestamp === 'string' ? timestamp : isoOf(moment);
  return withData(type, data, envelope);
}

function withData(type: MessageType, data: unknown, envelope: object): Result<ServerMessage> {
  // A heartbeat's data says nothing that must be there.
  const present = type === 'heartbeat' && !isRecord(data) ? {} : data;
  const parsed = serverData[type].safeParse(present);
  if (!parsed.success) {
    return { ok: false, issues: toIssues(parsed.error.issues, present).map((issue) => within('data', issue)) };
  }
  // The schema was chosen by the type, which the compiler can't follow.
  return { ok: true, value: { type, ...envelope, data: present } as ServerMessage };
}

function isoOf(moment: number): string {
  return new Date(moment).toISOString();
}

function wrong(path: string, expected: string, got: string): Result<never> {
  return { ok: false, issues: [{ path, message: `expected ${expected}, got ${got}` }] };
}
