import { addressKey, type Cluster, type Identity, type Rate, type Refusal, refuse } from '@roomcast/engine';
import { apiTokens } from '@roomcast/engine/identity';
import { maxRefusalsPerMinute, minTokenLength } from '@roomcast/killmails-protocol';
import type { VerifyToken } from './options.js';

const minuteMs = 60_000;

/** Who may connect: the holders of an API token, and anybody at all where that is switched on. */
export class Access {
  readonly #verify: VerifyToken;
  /**
   * How often an address was refused of late, on all instances. The official client tries a refused token again and
   * again, eight times in its first 1.3 s, and every try costs a look at the tokens.
   */
  readonly #refusals: Rate;

  constructor(
    tokens: readonly string[] | VerifyToken,
    readonly anonymous: boolean,
    cluster: Pick<Cluster, 'rate'>,
    name: string,
  ) {
    this.#refusals = cluster.rate(`${name}.refusals`, { max: maxRefusalsPerMinute, windowMs: minuteMs });
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
    const waitMs = this.#refusals.count(addressKey(ip));
    if (waitMs === undefined) return refuse(403, '');
    return refuse(429, '', { 'Retry-After': String(Math.ceil(waitMs / 1000)) });
  }
}
