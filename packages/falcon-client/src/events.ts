import type { ClientError, ConnectionChange } from '@roomcast/client-core';
import type { MessageType, ServerMessage } from '@roomcast/falcon-protocol';

/** Events may have been missed up to now: what is shown from elsewhere should be loaded again. */
export interface Gap {
  /**
   * - `connected`: the first connection stands; what was loaded before it may be out of date
   * - `reconnected`: after a connection was lost another one stands, its rooms joined again
   * - `missed`: the server says that it lost events, or let the connection into a room only later
   */
  readonly reason: 'connected' | 'reconnected' | 'missed';
  /** The only room concerned, where it is one. */
  readonly room: string | undefined;
}

/** What a client tells: each message by its type, and these. */
export type FalconClientEvents = { readonly [Type in Exclude<MessageType, 'error'>]: ServerMessage<Type> } & {
  /** Every message of the server. */
  readonly all: ServerMessage;
  readonly connection: ConnectionChange;
  /** The rooms that the connection is in have changed. */
  readonly rooms: readonly string[];
  readonly gap: Gap;
  /** Something went wrong; the client carries on unless it has `failed`. */
  readonly error: ClientError;
};
