import { createRemoteJWKSet, errors, importSPKI, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { CredentialsError, EngineOptionsError } from '../errors.js';
import { hs256Verifier } from './hs256.js';

/** Where the key comes from; the algorithms follow from its kind and can't be chosen by a token. */
export type JwtKey =
  | { /** HS256, at least 32 bytes. */ secret: string }
  | { /** PEM (SPKI): RS256, ES256 or EdDSA by the kind of key. */ publicKey: string }
  | { /** A JSON Web Key Set, fetched when needed and cached. */ jwksUrl: string };

export interface JwtOptions {
  /** The `iss` a token must have. @default any */
  issuer?: string;
  /** The `aud` a token must have. @default any */
  audience?: string;
  /** How far clocks may differ, in seconds. @default 0 */
  leewaySeconds?: number;
}

export interface JwtVerifier {
  /** The claims of a valid token. Rejects with `CredentialsError`. */
  verify(token: string): Promise<JWTPayload>;
}

const minSecretBytes = 32;
const asymmetric = ['RS256', 'ES256', 'EdDSA'] as const;
const jwksTimeoutMs = 5000;
/** What RFC 7518 (3.3) asks of RSA keys. */
const minRsaBits = 2048;

type Verify = (token: string, options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>;

/** Verifies JSON Web Tokens. The key is imported once, here, and a key that can't be used is refused here. */
export async function jwtVerifier(key: JwtKey, options: JwtOptions = {}): Promise<JwtVerifier> {
  const { issuer, audience, leewaySeconds = 0 } = options;
  const named = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) };
  if ('secret' in key) {
    const verify = hs256Verifier(secretBytes(key.secret), { ...named, leewaySeconds });
    return { verify: async (token) => verify(token) };
  }
  const verify = await withPublicKey(key);
  const checks: JWTVerifyOptions = { ...named, clockTolerance: leewaySeconds };
  return {
    async verify(token) {
      try {
        return (await verify(token, checks)).payload;
      } catch (error) {
        throw refused(error);
      }
    },
  };
}

function secretBytes(secret: string): Uint8Array {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length >= minSecretBytes) return bytes;
  throw new EngineOptionsError('secret', `at least ${minSecretBytes} bytes`, `${bytes.length} bytes`);
}

async function withPublicKey(key: Exclude<JwtKey, { secret: string }>): Promise<Verify> {
  if ('publicKey' in key) {
    const { imported, algorithm } = await importPublicKey(key.publicKey);
    return (token, checks) => jwtVerify(token, imported, { ...checks, algorithms: [algorithm] });
  }
  if (!URL.canParse(key.jwksUrl)) throw new EngineOptionsError('jwksUrl', 'a URL', key.jwksUrl);
  const keySet = createRemoteJWKSet(new URL(key.jwksUrl), { timeoutDuration: jwksTimeoutMs });
  return (token, checks) => jwtVerify(token, keySet, { ...checks, algorithms: [...asymmetric] });
}

async function importPublicKey(pem: string) {
  for (const algorithm of asymmetric) {
    try {
      const imported = await importSPKI(pem, algorithm);
      if (isTooShort(imported.algorithm)) break;
      return { imported, algorithm };
    } catch {
      // Not a key of this kind: the next one is tried.
    }
  }
  throw new EngineOptionsError(
    'publicKey',
    `a PEM public key for RS256 (${minRsaBits} bits or more), ES256 or EdDSA`,
    'something else',
  );
}

function isTooShort(algorithm: object): boolean {
  return 'modulusLength' in algorithm && Number(algorithm.modulusLength) < minRsaBits;
}

function refused(error: unknown): CredentialsError {
  if (error instanceof errors.JWTExpired) return new CredentialsError('expired', 'the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') {
    return new CredentialsError('not-yet-valid', 'the token is not valid yet');
  }
  const unavailable =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error instanceof TypeError ||
    // An answer of the key set's server that is no success or no JSON.
    (error instanceof errors.JOSEError && error.code === errors.JOSEError.code);
  if (unavailable) {
    return new CredentialsError('unavailable', 'the key set could not be fetched', { cause: error });
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return new CredentialsError('malformed', 'the token is no JSON Web Token');
  }
  return new CredentialsError('refused', 'the token was refused');
}
