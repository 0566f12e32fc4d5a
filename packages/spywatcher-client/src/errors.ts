import { ClientError } from '@roomcast/client-core';
import type { RoomKind } from './events.js';

/** The server sent an `error` event that answers nothing this client asked, such as that a right has been taken away. */
export class ServerError extends ClientError {
  override readonly name = 'ServerError';

  constructor(
    /** The server's words. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the server reported: ${reason}`, options);
  }
}

/** The server refused a subscription: it brings nothing on this connection, and is asked for again on the next one. */
export class SubscriptionDeniedError extends ClientError {
  override readonly name = 'SubscriptionDeniedError';

  constructor(
    /** What was asked for: a guild's `analytics`, or the events of the `guild`. */
    readonly room: RoomKind,
    readonly guildId: string,
    /** The server's words. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the server refused subscribe:${room} of guild ${guildId}: ${reason}`, options);
  }
}
