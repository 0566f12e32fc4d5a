import { type Identity, type Refusal, refuse } from '@roomcast/engine';
import { apiTokens } from '@roomcast/engine/identity';
import { minTokenLength } from '@roomcast/killmails-protocol';
import type { VerifyToken } from './options.js';
import { RefusalRate } from './refusal-rate.js';

/** Who may connect: the holders of an API token, and anybody at all where that is switched on. */
export class Access {
  readonly #verify: VerifyToken;
  readonly #refusals = new RefusalRate();

  constructor(
    tokens: readonly string[] | VerifyToken,
    readonly anonymous: boolean,
    readonly now: () => number,
  ) {
    if (typeof tokens === 'function') {
      this.#verify = tokens;
    } else {
      const known = apiTokens(tokens, { minLength: minTokenLength });
      this.#verify = (token) => known.verify(token);
    }
  }

  /** The identity of a token; null for a connection without one that is let in; a refusal otherwise. */
  async admit(token: string | undefined, ip: string): Promise<Identity | null | Refusal> {
    if (token === undefined && this.anonymous) return null;
    const id = token === undefined || token.length < minTokenLength ? undefined : await this.#verify(token);
    if (id !== undefined) return { id };
    return this.#refusals.allow(ip, this.now()) ? refuse(403, '') : refuse(429, '', { 'Retry-After': '60' });
  }
}
