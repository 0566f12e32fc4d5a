import { randomBytes } from 'node:crypto';
import { EngineOptionsError } from '@roomcast/engine';
import { type JwtKey, type JwtOptions, type JwtVerifier, jwtVerifier } from '@roomcast/engine/identity';
import { type JWTPayload, SignJWT } from 'jose';
import type { CommonEnvironment } from './environment.js';
import { EnvironmentError } from './errors.js';

/** How a server knows its users. */
export interface Credentials {
  readonly verifier: JwtVerifier;
  /** Signs claims (HS256), where the key is a secret. `iat` is set; `exp` is `expiresInSeconds` from now. */
  readonly issue?: (claims: JWTPayload, expiresInSeconds: number) => Promise<string>;
}

type KeyVariables = Pick<CommonEnvironment, 'JWT_SECRET' | 'JWKS_URL' | 'JWT_PUBLIC_KEY' | 'DEMO'> &
  Partial<Pick<CommonEnvironment, 'REDIS_URL' | 'NATS_URL'>>;

/**
 * The verifier for the key in the environment. With `DEMO=1` and no key there is one that ends with the process, unless
 * there are other instances, which would not know it.
 * Throws `EnvironmentError` where there is none, or it can't be used.
 */
export async function jwtCredentials(env: KeyVariables, options: JwtOptions = {}): Promise<Credentials> {
  const { variable, key } = keyOf(env);
  let verifier: JwtVerifier;
  try {
    verifier = await jwtVerifier(key, options);
  } catch (error) {
    if (!(error instanceof EngineOptionsError)) throw error;
    throw EnvironmentError.of(variable, error.message.replace(`${error.option}: `, ''), { cause: error });
  }
  if (!('secret' in key)) return { verifier };
  const secret = new TextEncoder().encode(key.secret);
  return {
    verifier,
    issue: (claims, expiresInSeconds) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ ...claims, iat: now, exp: now + expiresInSeconds })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .sign(secret);
    },
  };
}

function keyOf(env: KeyVariables): { variable: string; key: JwtKey } {
  const { JWT_SECRET, JWKS_URL, JWT_PUBLIC_KEY, DEMO, REDIS_URL, NATS_URL } = env;
  if (JWT_SECRET !== undefined) return { variable: 'JWT_SECRET', key: { secret: JWT_SECRET } };
  if (JWKS_URL !== undefined) return { variable: 'JWKS_URL', key: { jwksUrl: JWKS_URL } };
  if (JWT_PUBLIC_KEY !== undefined) return { variable: 'JWT_PUBLIC_KEY', key: { publicKey: JWT_PUBLIC_KEY } };
  const bus = REDIS_URL !== undefined ? 'REDIS_URL' : NATS_URL !== undefined ? 'NATS_URL' : undefined;
  if (DEMO && bus !== undefined) {
    throw EnvironmentError.of(
      'JWT_SECRET',
      `expected at least 32 bytes beside ${bus}, the same on every instance, got nothing`,
    );
  }
  if (DEMO) return { variable: 'JWT_SECRET', key: { secret: randomBytes(32).toString('base64url') } };
  throw EnvironmentError.of('JWT_SECRET', 'expected at least 32 bytes, got nothing');
}
