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

const maxReasonBytes = 123;
const maxBytesPerUnit = 3;
/** Codes that stand for what no close frame said (RFC 6455, 7.4.1). */
const neverSent: ReadonlySet<number> = new Set([1004, 1005, 1006]);

/** Whether a close frame may have the code. */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return code >= 3000 ? code <= 4999 : code >= 1000 && code <= 1014 && !neverSent.has(code);
}

/** The reason as a close frame can carry it, cut between two characters; undefined where its code must not be sent. */
export function sendable(close: CloseReason): CloseReason | undefined {
  const { code, reason } = close;
  if (!isCloseCode(code)) return undefined;
  if (reason.length * maxBytesPerUnit <= maxReasonBytes) return close;
  // A decoder that expects more keeps an incomplete last character to itself.
  const cut = new TextDecoder().decode(Buffer.from(reason).subarray(0, maxReasonBytes), { stream: true });
  return { code, reason: cut };
}
