export interface CloseReason {
  readonly code: number;
  /** At most 123 bytes, the room a close frame has. */
  readonly reason: string;
}

/** Every close the server starts. */
export const closeReasons = {
  /** Nothing was received for the idle timeout. */
  idle: { code: 1001, reason: 'Idle timeout' },
  /** A WebSocket ping stayed without an answer. */
  unresponsive: { code: 1001, reason: 'No pong' },
  /** The connection sent more messages in a minute than it may. */
  tooManyMessages: { code: 1008, reason: 'Too many messages' },
  /** The connection sent more `auth` messages in a minute than it may. */
  tooManyAuths: { code: 1008, reason: 'Too many authentication attempts' },
  /** An administrator ended the connection. */
  disconnected: { code: 1008, reason: 'Disconnected by the server' },
  /** One message was larger than the server reads. */
  frameTooLarge: { code: 1009, reason: '' },
  /** The server failed while handling a message. */
  internalError: { code: 1011, reason: 'Internal error' },
  /** The server shuts down or restarts. */
  restart: { code: 1012, reason: 'Service restart' },
  /** The connection does not read as fast as it is written to. */
  tooSlow: { code: 1013, reason: 'Reading too slowly' },
  /** The key that tokens are verified with can't be fetched: the token may be good. */
  unverifiable: { code: 1013, reason: 'Authentication unavailable' },
  /** The token is wrong, malformed, expired, no access token, or another user's. */
  invalidToken: { code: 4401, reason: 'Invalid token' },
  /** The token of an authenticated connection has expired. */
  tokenExpired: { code: 4401, reason: 'Token expired' },
  /** The user has newer connections, as many as one may have. */
  tooManyConnections: { code: 4408, reason: 'Too many connections' },
} as const satisfies Record<string, CloseReason>;

/** The HTTP status of a refused upgrade. */
export const refusals = {
  /** The `Origin` header names a site that is not allowed. */
  origin: 403,
  /** Too many connections or connection attempts from this address. */
  tooMany: 429,
  /** The server has as many connections as it takes, or is shutting down. */
  full: 503,
} as const;
