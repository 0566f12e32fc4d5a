import { CredentialsError } from '@roomcast/engine/identity';
import { type CloseReason, closeReasons, tokenLeewaySeconds, type User, userOf } from '@roomcast/raffle-protocol';
import type { TokenVerifier } from './options.js';

/** Who a token belongs to, and until when it counts: milliseconds since the epoch. */
export interface Authenticated {
  readonly ok: true;
  readonly user: User;
  readonly validUntil: number;
}

/** How the connection that sent a token ends, and why. `cause` is safe to log. */
export interface Refused {
  readonly ok: false;
  readonly close: CloseReason;
  readonly cause: string;
}

/** Checks a token. Rejects only when the verifier fails in a way of its own. */
export async function authenticate(
  verifier: TokenVerifier,
  token: string | null,
  now: () => number,
): Promise<Authenticated | Refused> {
  if (token === null) return refused('there was no token');
  let claims: unknown;
  try {
    claims = await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    if (error.reason === 'unavailable') return { ok: false, close: closeReasons.unverifiable, cause: error.message };
    return refused(error.message);
  }
  const user = userOf(claims);
  if (user === undefined) return refused('the claims are not those of an access token');
  const validUntil = user.expiresAt + tokenLeewaySeconds * 1000;
  // The verifier may have a leeway and a clock of its own; deadlines go by the engine's.
  return now() < validUntil ? { ok: true, user, validUntil } : refused('the token has expired');
}

export function refused(cause: string): Refused {
  return { ok: false, close: closeReasons.invalidToken, cause };
}
