/** Why a session ended: a WebSocket close code and at most 123 bytes of reason. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

/** The closes that the engine itself decides on. A wire may give other codes for the same situations. */
export const closeReasons = {
  idle: { code: 1001, reason: 'idle' },
  unresponsive: { code: 1001, reason: 'no pong' },
  policy: { code: 1008, reason: 'policy violation' },
  tooManyMessages: { code: 1008, reason: 'too many messages' },
  tooManyConnections: { code: 1008, reason: 'too many connections' },
  authenticationTimeout: { code: 1008, reason: 'authentication timeout' },
  expired: { code: 1008, reason: 'token expired' },
  disconnected: { code: 1008, reason: 'disconnected by the server' },
  failure: { code: 1011, reason: 'internal error' },
  restart: { code: 1012, reason: 'service restart' },
  slow: { code: 1013, reason: 'reading too slowly' },
} as const satisfies Record<string, CloseReason>;

/** Why the engine ends a session of its own accord. */
export type Situation = keyof typeof closeReasons;
