export interface CloseReason {
  readonly code: number;
  /** At most 123 bytes, the room a close frame has. */
  readonly reason: string;
}

/**
 * Every close the server starts. 1000 is missing on purpose: older official clients do not come back after it.
 * None of these is final for a client; all of them are reasons to reconnect with back-off.
 */
export const closeReasons = {
  /** Nothing was received for the idle timeout. */
  idle: { code: 1001, reason: 'idle timeout' },
  /** The connection sent more messages than it may. */
  tooManyMessages: { code: 1008, reason: 'too many messages' },
  /** One message was larger than the server reads. */
  frameTooLarge: { code: 1009, reason: 'message too large' },
  /** The message was no Phoenix frame, in neither form. */
  malformedFrame: { code: 1011, reason: 'malformed frame' },
  /** The server failed while handling a message. */
  internalError: { code: 1011, reason: 'internal error' },
  /** The server shuts down or restarts. */
  restart: { code: 1012, reason: 'service restart' },
  /** The connection does not read as fast as it is written to. */
  tooSlow: { code: 1013, reason: 'reading too slowly' },
} as const satisfies Record<string, CloseReason>;

/** The HTTP status of a refused upgrade; the body is empty. */
export const refusals = {
  /** Missing, short or unknown token. */
  token: 403,
  /** The `Origin` header names a site that is not allowed. */
  origin: 403,
  /** A `vsn` that is neither `~> 1.0.0` nor `~> 2.0.0`. */
  version: 403,
  /** Too many refused upgrades, connections or connection attempts from this address. */
  tooMany: 429,
  /** The server has as many connections as it takes, or is shutting down. */
  full: 503,
} as const;
