import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { CredentialsError } from '../errors.js';

/** What a token's claims must meet. */
export interface ClaimRules {
  issuer?: string;
  audience?: string;
  leewaySeconds: number;
}

/**
 * Verifies tokens signed with a shared secret, synchronously: 5 µs, where WebCrypto's round trip through the thread
 * pool takes 30 and would be a fifth of what a connection costs. It takes and refuses what `jose` does.
 */
export function hs256Verifier(secret: Uint8Array, rules: ClaimRules): (token: string) => JWTPayload {
  const key = createSecretKey(secret);
  return (token) => {
    const [header, payload, signature, ...more] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || more.length > 0) throw malformed();
    const { alg, crit } = parseObject(header);
    // An extension that must be understood (RFC 7515, 4.1.11): none is.
    if (alg !== 'HS256' || crit !== undefined) throw refused();
    const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url');
    if (!sameText(signature, expected)) throw refused();
    const claims = parseObject(payload);
    checkClaims(claims, rules);
    return claims;
  };
}

function checkClaims({ iss, aud, iat, nbf, exp }: JWTPayload, { issuer, audience, leewaySeconds }: ClaimRules): void {
  if (issuer !== undefined && iss !== issuer) throw refused();
  if (audience !== undefined && !(Array.isArray(aud) ? aud.includes(audience) : aud === audience)) throw refused();
  for (const time of [iat, nbf, exp]) if (time !== undefined && typeof time !== 'number') throw refused();
  const now = Math.floor(Date.now() / 1000);
  if (nbf !== undefined && nbf > now + leewaySeconds) {
    throw new CredentialsError('not-yet-valid', 'the token is not valid yet');
  }
  if (exp !== undefined && exp <= now - leewaySeconds) throw new CredentialsError('expired', 'the token has expired');
}

function parseObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // No JSON: no token, as below.
  }
  throw malformed();
}

function sameText(given: string, expected: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}

const malformed = () => new CredentialsError('malformed', 'the token is no JSON Web Token');
const refused = () => new CredentialsError('refused', 'the token was refused');
