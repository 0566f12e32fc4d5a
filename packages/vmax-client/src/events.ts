import type { ClientError, ConnectionChange } from '@roomcast/client-core';
import type { ServerMessage, ServerMessageType, ServerPayloads } from '@roomcast/vmax-protocol';

/** The messages that are told under their types; `EVENTS_MISSED` is `missed`. */
type ToldType = Exclude<ServerMessageType, 'EVENTS_MISSED'>;

/** What is emitted. */
export type VmaxEvents = { [Type in ToldType]: ServerMessage<Type> } & {
  all: ServerMessage;
  missed: undefined;
  connection: ConnectionChange;
  error: ClientError;
};

type MessageListeners = {
  /** For messages of one type, with when the server sent it, ISO 8601. */
  [Type in ToldType]: (payload: ServerPayloads[Type], timestamp: string) => unknown;
};

export interface VmaxListeners extends MessageListeners {
  /** For every message of the server, `{type, payload, timestamp}`: `type` tells them apart. */
  all: (message: ServerMessage) => unknown;
  /** Events were lost between instances of the server: load the present state again. */
  missed: () => unknown;
  connection: (change: ConnectionChange) => unknown;
  /** For anything that went wrong; the client carries on unless it has `failed`. */
  error: (error: ClientError) => unknown;
}
