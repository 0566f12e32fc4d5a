import { type ClientMessage, clientMessages } from './client-messages.js';
import type { ErrorCode } from './error-codes.js';
import { isId } from './ids.js';
import { kindOf, toIssues } from './issues.js';
import { isNestedAtMost, isRecord, jsonBytes } from './json.js';
import { defaultMaxDataBytes, maxDataDepth, maxMetadataBytes } from './limits.js';
import { type ClientMessageType, clientMessageTypes, isClientMessageType, isMessageType } from './message-types.js';

/** A message that was refused, as the `error` tells it. */
export interface ClientMessageRefusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  /** The message's `id`, where it has one that can be repeated. */
  readonly id?: string;
}

export type ClientMessageResult = { readonly ok: true; readonly message: ClientMessage } | ClientMessageRefusal;

type Fields = Readonly<Record<string, unknown>>;

/** Checks what a client sent, as text. Never throws. Fields that the protocol does not know are left out. */
export function parseClientMessage(text: string, maxDataBytes = defaultMaxDataBytes): ClientMessageResult {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return refused('invalid_message', 'expected JSON, got something else');
  }
  if (!isRecord(input)) return refused('invalid_message', `expected an object, got ${kindOf(input)}`);
  const result = parseFields(input, text.length, maxDataBytes);
  return result.ok || !isId(input.id) ? result : { ...result, id: input.id };
}

function parseFields(input: Fields, length: number, maxDataBytes: number): ClientMessageResult {
  const { type } = input;
  if (!isClientMessageType(type)) return wrongType(type);
  if (!isNestedAtMost(input.data, maxDataDepth)) {
    return refused('invalid_data', `data: expected at most ${maxDataDepth} levels, got more`);
  }
  // A character is three bytes of UTF-8 at most: what is shorter than a third needs no counting.
  if (length * 3 > maxDataBytes && jsonBytes(input.data ?? null) > maxDataBytes) {
    return refused('data_too_large', `data: expected at most ${maxDataBytes} bytes of JSON, got more`);
  }
  const normal = type === 'system' ? withDataInFull(input) : input;
  const parsed = clientMessages[type].safeParse(normal);
  if (!parsed.success) {
    const [issue] = toIssues(parsed.error.issues.slice(0, 1), normal);
    const { path, message } = issue as { path: string; message: string };
    return refused(path.startsWith('data') ? 'invalid_data' : 'invalid_message', `${path}: ${message}`);
  }
  return messageOf(type, parsed.data as Fields);
}

/** What the message says, and nothing else. The schema was chosen by the type, which the compiler can't follow. */
function messageOf(type: ClientMessageType, { id, room, to, data }: Fields): ClientMessageResult {
  const identified = typeof id === 'string' ? { type, id } : { type };
  if (type === 'heartbeat') return accepted(identified);
  if (type === 'system') return accepted({ ...identified, data });
  if (type === 'presence') {
    const { metadata } = data as Fields;
    return metadata !== undefined && jsonBytes(metadata) > maxMetadataBytes
      ? refused('data_too_large', `data.metadata: expected at most ${maxMetadataBytes} bytes of JSON, got more`)
      : accepted({ ...identified, data });
  }
  const target = { ...(typeof room === 'string' && { room }), ...(typeof to === 'string' && { to }) };
  if (Object.keys(target).length === 0) return refused('missing_target', 'expected a room or a connection in to');
  return accepted({ ...identified, ...target, data });
}

/**
 * The document's frames name their room beside `data`: joining and leaving may do so too. The public frontend follows one
 * user at a time, as `userId`.
 */
function withDataInFull({ data, room, ...others }: Fields): Fields {
  if (!isRecord(data)) return { ...others, room, data };
  const { userId = null, userIds = null } = data;
  const followed = userIds === null && userId !== null ? [userId] : userIds;
  return { ...others, room, data: { ...data, room: data.room ?? room, userIds: followed ?? undefined } };
}

function wrongType(type: unknown): ClientMessageResult {
  if (typeof type !== 'string') return refused('invalid_message', `type: expected a text, got ${kindOf(type)}`);
  return isMessageType(type)
    ? refused('server_only_type', `type: only the server sends ${type}`)
    : refused('unknown_type', `type: expected one of ${clientMessageTypes.join(', ')}, got ${kindOf(type)}`);
}

function accepted(message: unknown): ClientMessageResult {
  return { ok: true, message: message as ClientMessage };
}

function refused(code: ErrorCode, message: string): ClientMessageRefusal {
  return { ok: false, code, message };
}
