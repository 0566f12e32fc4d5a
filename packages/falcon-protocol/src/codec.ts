import type { ClientMessage } from './client-messages.js';
import type { MessageType } from './message-types.js';
import type { ServerData, ServerEnvelope } from './server-messages.js';

/**
 * A server message as text, its fields in the document's order. Trusts its input.
 *
 * @param now when it is sent, in milliseconds since the epoch
 */
export function encodeServerMessage<Type extends MessageType>(
  type: Type,
  data: ServerData[Type],
  now: number,
  { room, from, to, id }: Omit<ServerEnvelope, 'timestamp'> = {},
): string {
  return JSON.stringify({ type, room, from, to, data: data ?? null, timestamp: new Date(now).toISOString(), id });
}

/** A client message as text. */
export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}
