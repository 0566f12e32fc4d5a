import * as z from 'zod/mini';
import { receivedData } from './event-schemas.js';
import type { EventData } from './events.js';
import { expected, toIssues, within } from './issues.js';
import type { Issue, Result } from './result.js';

/** What each server message carries in `data`. */
export type ServerData = EventData & {
  /** Unix time in seconds. */
  readonly pong: { readonly timestamp: number };
  /** Events were lost; only for a client that asked to be told. */
  readonly events_missed: Readonly<Record<string, unknown>>;
};

export type ServerMessageType = keyof ServerData;

/** A message of the server. */
export type ServerMessage<T extends ServerMessageType = ServerMessageType> = {
  [Each in T]: {
    readonly message_type: Each;
    readonly data: ServerData[Each];
    /** ISO 8601: when it was sent, or published. */
    readonly timestamp: string;
  };
}[T];

const pong = z.looseObject({ timestamp: z.number() });
const dataOf = { ...receivedData, pong, events_missed: z.looseObject({}) };
const envelope = z.looseObject({ message_type: z.string(), data: z.unknown(), timestamp: z.string() });

/** Checks a message from a server, ours or another. Never throws. Fields the protocol does not know stay. */
export function parseServerMessage(text: string): Result<ServerMessage> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused([{ path: '', message: 'expected JSON' }]);
  }
  const parsed = envelope.safeParse(value);
  if (!parsed.success) return refused(toIssues(parsed.error.issues, value));
  const { message_type: type } = parsed.data;
  if (!isServerMessageType(type)) {
    return refused([{ path: 'message_type', message: expected('pong, events_missed or an event type', type) }]);
  }
  const data = dataOf[type].safeParse(parsed.data.data);
  if (!data.success)
    return refused(toIssues(data.error.issues, parsed.data.data).map((issue) => within('data', issue)));
  // The schema was chosen by the type that the message is given.
  return { ok: true, value: { ...parsed.data, data: data.data } as ServerMessage };
}

function isServerMessageType(type: string): type is ServerMessageType {
  return Object.hasOwn(dataOf, type);
}

function refused(issues: readonly Issue[]): { ok: false; issues: readonly Issue[] } {
  return { ok: false, issues };
}
