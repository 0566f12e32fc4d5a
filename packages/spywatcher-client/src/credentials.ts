import { type ClientError, CredentialsRefusedError, type TokenRequest } from '@roomcast/client-core';
import type { SpywatcherTokenProvider } from './options.js';

/** Which token each attempt is made with, and when there is no use in another. */
export class Credentials {
  #provider: SpywatcherTokenProvider;
  /** Of the last attempt; empty where it had none. */
  #token = '';
  /** The last token replaced a refused one, and the server has not taken it yet. */
  #isReplacement = false;
  #refusal: ClientError | undefined;

  constructor(provider: SpywatcherTokenProvider) {
    this.#provider = provider;
  }

  /** From now on. */
  use(provider: SpywatcherTokenProvider): void {
    this.#provider = provider;
  }

  /**
   * The token for an attempt, empty for none.
   * @throws CredentialsRefusedError where the server refused two in a row, or the provider has no other
   */
  async next({ refresh }: TokenRequest): Promise<string> {
    if (refresh && this.#isReplacement) throw this.#hopeless('the one that replaced it was refused, too');
    const provider = this.#provider;
    const token = (typeof provider === 'function' ? await provider({ refresh }) : provider) ?? '';
    // Another one was given while this one was fetched: nobody waits for it any more.
    if (provider !== this.#provider) return token;
    if (refresh && token === this.#token) {
      const fixed = token === '' ? 'none was given' : 'it is a fixed text';
      throw this.#hopeless(typeof provider === 'function' ? 'its provider gave the same again' : fixed);
    }
    this.#isReplacement = refresh;
    this.#token = token;
    return token;
  }

  /** The server takes the last token. */
  accepted(): void {
    this.#isReplacement = false;
  }

  /** The server does not take the last token, or no longer. */
  refused(refusal: ClientError): void {
    this.#refusal = refusal;
  }

  #hopeless(why: string): CredentialsRefusedError {
    const cause = this.#refusal;
    const told = cause ? `${cause.message}; no other token is to be had` : 'the server refused the token';
    return new CredentialsRefusedError(`${told}: ${why}. Authenticate with another one`, { cause });
  }
}
