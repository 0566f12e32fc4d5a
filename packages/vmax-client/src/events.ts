import type { ClientError, ConnectionChange } from '@roomcast/client-core';
import type { ServerMessage, ServerMessageType, ServerPayloads } from '@roomcast/vmax-protocol';

/** What is emitted. */
export type VmaxEvents = { [Type in ServerMessageType]: ServerMessage<Type> } & {
  all: ServerMessage;
  connection: ConnectionChange;
  error: ClientError;
};

type MessageListeners = {
  /** For messages of one type, with when the server sent it, ISO 8601. */
  [Type in ServerMessageType]: (payload: ServerPayloads[Type], timestamp: string) => unknown;
};

export interface VmaxListeners extends MessageListeners {
  /** For every message of the server, `{type, payload, timestamp}`: `type` tells them apart. */
  all: (message: ServerMessage) => unknown;
  connection: (change: ConnectionChange) => unknown;
  /** For anything that went wrong; the client carries on unless it has `failed`. */
  error: (error: ClientError) => unknown;
}
