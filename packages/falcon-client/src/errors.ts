import { ClientError, TimeoutError } from '@roomcast/client-core';

/** The server answered a message with an `error`; or it would not have taken it, and the message was not sent. */
export class MessageRejectedError extends ClientError {
  override readonly name = 'MessageRejectedError';

  constructor(
    /** What was sent: `message thread:42`, `join thread:42`. */
    readonly operation: string,
    /** The server's name for the reason, such as `not_in_room`; undefined where it gave none. */
    readonly code: string | undefined,
    /** The server's words. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the server rejected ${operation}: ${reason}`, options);
  }
}

/** Whether the server has answered so, or has not in time; any other error tells of the connection's end. */
export function isAnswer(error: ClientError): boolean {
  return error instanceof MessageRejectedError || error instanceof TimeoutError;
}
