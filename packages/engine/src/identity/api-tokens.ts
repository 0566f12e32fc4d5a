import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { EngineOptionsError } from '../errors.js';

/** A fixed set of API tokens. */
export interface ApiTokens {
  /** A name for a known token that does not reveal it, or undefined. */
  verify(token: string): string | undefined;
}

export interface ApiTokensOptions {
  /** Characters below which a token is refused, a configured one when it is set up. @default 8 */
  minLength?: number;
}

/**
 * Knows a fixed set of API tokens. They are kept as salted digests, and every one is compared in constant time, so that
 * neither the time an answer takes nor a dump of the process's options tells a token.
 */
export function apiTokens(tokens: readonly string[], { minLength = 8 }: ApiTokensOptions = {}): ApiTokens {
  const salt = randomBytes(32).toString('base64');
  // In one call, which costs less than half of an object that is fed and asked.
  const digest = (token: string) => hash('sha256', salt + token, 'buffer');
  const known = tokens.map((token, index) => {
    if (token.length < minLength) {
      throw new EngineOptionsError(`tokens[${index}]`, `at least ${minLength} characters`, `${token.length}`);
    }
    return { digest: digest(token), name: `token-${index + 1}` };
  });
  return {
    verify(token) {
      if (token.length < minLength) return undefined;
      const given = digest(token);
      let found: string | undefined;
      for (const { digest: expected, name } of known) if (timingSafeEqual(given, expected)) found ??= name;
      return found;
    },
  };
}
