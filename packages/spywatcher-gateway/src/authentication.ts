import type { Identity, Logger } from '@roomcast/engine';
import { CredentialsError } from '@roomcast/engine/identity';
import { connectErrors, type User, userOf } from '@roomcast/spywatcher-protocol';
import type { VerifyToken } from './options.js';

/** A socket that is not let in; the message is the client's `connect_error`, which it compares. */
export class ConnectionRefused extends Error {
  override name = 'ConnectionRefused';
}

/** Whose token it is. Throws `ConnectionRefused`. */
export async function authenticate(verify: VerifyToken, auth: unknown, logger: Logger): Promise<User> {
  const token: unknown = Object(auth).token;
  if (token === undefined || token === null || token === '') {
    throw new ConnectionRefused(connectErrors.authenticationRequired);
  }
  const user = typeof token === 'string' ? userOf(await claimsOf(verify, token, logger)) : undefined;
  if (user === undefined) throw new ConnectionRefused(connectErrors.invalidToken);
  return user;
}

async function claimsOf(verify: VerifyToken, token: string, logger: Logger): Promise<object | undefined> {
  try {
    return await verify(token);
  } catch (error) {
    // The client is told the same, whatever it was; that keys can't be had is the operator's concern.
    const isOurs = !(error instanceof CredentialsError) || error.reason === 'unavailable';
    if (isOurs) logger.error({ err: error }, 'verifying a token failed');
    return undefined;
  }
}

export function identityOf({ discordId, expiresAt }: User): Identity {
  return expiresAt === undefined ? { id: discordId } : { id: discordId, expiresAt };
}
