export interface CloseReason {
  readonly code: number;
  /** At most 123 bytes, the room a close frame has. */
  readonly reason: string;
}

/** Every close the server decides on. */
export const closeReasons = {
  /** The token has expired while connected. */
  tokenExpired: { code: 4401, reason: 'Token expired' },
  /** Nothing was received for the idle timeout, where the server is configured with one. */
  idle: { code: 1001, reason: 'Idle timeout' },
  /** A WebSocket ping was not answered. */
  unresponsive: { code: 1001, reason: 'No pong' },
  tooManyMessages: { code: 1008, reason: 'Too many messages' },
  /** The user has as many connections as one may have. */
  tooManyConnections: { code: 1008, reason: 'Too many connections' },
  /** An administrator ended the connection. */
  disconnected: { code: 1008, reason: 'Disconnected by the server' },
  /** The server failed while handling a message. */
  failure: { code: 1011, reason: 'Internal error' },
  /** The server shuts down or restarts. */
  restart: { code: 1012, reason: 'Service restart' },
  /** The connection does not read as fast as it is written to. */
  slow: { code: 1013, reason: 'Reading too slowly' },
} as const satisfies Record<string, CloseReason>;

/** Whether a client should get a new token before it connects again. */
export function shouldRefreshToken(code: number): boolean {
  return code === closeReasons.tokenExpired.code;
}
