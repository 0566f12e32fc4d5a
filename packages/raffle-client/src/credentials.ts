import { CredentialsRefusedError, type TokenRequest } from '@roomcast/client-core';
import type { RaffleTokenProvider } from './options.js';

/** Which token each attempt is made with, and when there is no use in another. */
export class Credentials {
  #provider: RaffleTokenProvider;
  /** Of the last attempt; empty where it had none. */
  #token = '';
  /** The last token replaced a refused one, and the server has not taken it yet. */
  #isReplacement = false;

  constructor(provider: RaffleTokenProvider) {
    this.#provider = provider;
  }

  /** Whether the last attempt was made with a token. */
  get has(): boolean {
    return this.#token !== '';
  }

  /** From now on. */
  use(provider: RaffleTokenProvider): void {
    this.#provider = provider;
    this.#isReplacement = false;
  }

  /**
   * The token for an attempt, empty for none.
   * @throws CredentialsRefusedError where the server refused two in a row, or the provider has no other
   */
  async next({ refresh }: TokenRequest): Promise<string> {
    if (refresh && this.#isReplacement) {
      throw new CredentialsRefusedError('the server refused the token, and the one that replaced it');
    }
    const provider = this.#provider;
    const token = (typeof provider === 'function' ? await provider({ refresh }) : provider) ?? '';
    // Somebody signed in or out while this one was fetched.
    if (provider !== this.#provider) return this.next({ refresh: false });
    if (refresh && token === this.#token) {
      const advice = typeof provider === 'function' ? 'its provider gave the same again' : 'it is a fixed text';
      throw new CredentialsRefusedError(`the server refused the token, and ${advice}: authenticate with another one`);
    }
    this.#isReplacement = refresh;
    this.#token = token;
    return token;
  }

  /** The server takes the last token. */
  accepted(): void {
    this.#isReplacement = false;
  }
}
