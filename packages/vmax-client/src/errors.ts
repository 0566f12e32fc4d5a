import { ClientError } from '@roomcast/client-core';

/** The HTTP side answered with an error. */
export class ApiError extends ClientError {
  override readonly name = 'ApiError';

  constructor(
    /** `POST /api/v1/auth/login` */
    readonly operation: string,
    readonly status: number,
    /** The server's name for it, such as `INVALID_CREDENTIALS`, where it gave one. */
    readonly code: string | undefined,
    /** What the server said, where it did. */
    readonly reason: string | undefined,
    options?: ErrorOptions,
  ) {
    const said = [code, reason].filter((part) => part !== undefined).join(': ');
    super(`the server answered ${operation} with HTTP ${status}${said && ` ${said}`}`, options);
  }
}

/** The server sent an `ERROR` that belongs to no request of this client, such as that events were lost. */
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

/** The opposite was asked for before the server had heard of this. */
export class OvertakenError extends ClientError {
  override readonly name = 'OvertakenError';

  constructor(
    /** `SUBSCRIBE fleet:<id>` */
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(`${operation} was taken back before the server answered it`, options);
  }
}
