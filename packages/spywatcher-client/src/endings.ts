import { type ClientError, ConnectionLostError, closeCodes } from '@roomcast/client-core';
import { connectErrors, errorTexts } from '@roomcast/spywatcher-protocol';

/** How a connection ended that was established. Socket.IO has words for it instead of close codes. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** The code of endings that another token may mend. */
const tokenRefused = 4401;

const refusals: readonly string[] = [
  connectErrors.authenticationRequired,
  connectErrors.invalidToken,
  errorTexts.tokenExpired,
];

/** The server answered the token with a `connect_error`, or announced an end in its last `error`. */
export function refusedWith(reason: string): Ending {
  return { code: refusals.includes(reason) ? tokenRefused : closeCodes.tryAgainLater, reason };
}

/** Whether the server took the token for missing, wrong or expired: another one may do. */
export function shouldRefreshToken(code: number): boolean {
  return code === tokenRefused;
}

/**
 * Why the server did not take a token, in its words: `Authentication required`, `Invalid token` or `Token expired`.
 * Undefined for any other error.
 */
export function tokenRefusal(error: ClientError | undefined): string | undefined {
  const loss = error instanceof ConnectionLostError ? error : error?.cause;
  return loss instanceof ConnectionLostError && shouldRefreshToken(loss.code) ? loss.reason : undefined;
}
