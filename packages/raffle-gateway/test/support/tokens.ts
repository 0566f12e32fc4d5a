import { SignJWT } from 'jose';

export const secret = 'a secret of thirty-two bytes or more';

/** Claims that differ from those of a good access token; undefined leaves one out. */
export type TokenClaims = Record<string, unknown> & { sub: string };

/** A token that is good for an hour unless the claims say otherwise. */
export function token(claims: TokenClaims, now = Date.now(), key = secret): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const all = {
    username: `${claims.sub}@example.com`,
    email: `${claims.sub}@example.com`,
    role: 'User',
    token_type: 'access',
    jti: 'a-token-id',
    iat: seconds,
    exp: seconds + 3600,
    ...claims,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key));
}
