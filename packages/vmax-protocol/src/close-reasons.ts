export interface CloseReason {
  readonly code: number;
  /** At most 123 bytes, the room a close frame has. */
  readonly reason: string;
}

/** Every close the server decides on. */
export const closeReasons = {
  /** The connection brought no token. Follows an `ERROR`. */
  authenticationRequired: { code: 4001, reason: 'Authentication required' },
  /** The token is bad, or has expired, perhaps only now. Follows an `ERROR`. */
  invalidToken: { code: 4002, reason: 'Invalid token' },
  /** Nothing was received for the idle timeout, where the server is configured with one. */
  idle: { code: 1001, reason: 'idle' },
  /** A WebSocket ping was not answered. */
  unresponsive: { code: 1001, reason: 'no pong' },
  tooManyMessages: { code: 1008, reason: 'too many messages' },
  /** The user has as many connections as one may have. */
  tooManyConnections: { code: 1008, reason: 'too many connections' },
  /** An administrator ended the connection. */
  disconnected: { code: 1008, reason: 'disconnected by the server' },
  /** The server failed while handling a message. */
  failure: { code: 1011, reason: 'internal error' },
  /** The server shuts down or restarts. */
  restart: { code: 1012, reason: 'service restart' },
  /** The connection does not read as fast as it is written to. */
  slow: { code: 1013, reason: 'reading too slowly' },
} as const satisfies Record<string, CloseReason>;

/** Whether a client should get a new access token before it connects again. */
export function shouldRefreshToken(code: number): boolean {
  return code === closeReasons.invalidToken.code;
}

/** Whether connecting again with the same credentials, or renewed ones, can help: not where no token was sent. */
export function shouldReconnect(code: number): boolean {
  return code !== closeReasons.authenticationRequired.code;
}
