import type { ClientMessage } from './client-messages.js';
import type { ServerMessageType, ServerPayloads } from './server-messages.js';

/** A server message as text. Trusts its input. @param now when it is sent, in milliseconds since the epoch */
export function encodeServerMessage<Type extends ServerMessageType>(
  type: Type,
  payload: ServerPayloads[Type],
  now: number,
): string {
  return JSON.stringify({ type, payload, timestamp: new Date(now).toISOString() });
}

/** A client message as text. */
export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}
