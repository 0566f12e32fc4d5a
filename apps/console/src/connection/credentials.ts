import { CredentialsRefusedError, type TokenRequest } from '@roomcast/client-core';
import { demoToken } from '../services/demo-session.js';
import { httpBaseOf } from '../services/http-base.js';
import type { Access } from './access.js';

/** Gives the client its token: what was entered, or what a demo role gets, anew when the server refused the last one. */
export class Credentials {
  #demoToken: string | undefined;

  /** @param byCookie cookies authenticate, not the token itself */
  constructor(
    private readonly access: Access,
    private readonly byCookie = false,
  ) {}

  /** What was presented last. */
  get current(): string {
    return this.access.identity === '' ? this.access.token : (this.#demoToken ?? '');
  }

  readonly provide = async ({ refresh }: Partial<TokenRequest> = {}): Promise<string> => {
    const { identity, token, url } = this.access;
    if (identity !== '') {
      // That a cookie was refused is not told: every attempt gets a new one.
      if (refresh || this.byCookie || this.#demoToken === undefined) {
        this.#demoToken = await demoToken(httpBaseOf(url) ?? '', identity, this.byCookie);
      }
      return this.#demoToken;
    }
    if (refresh) throw new CredentialsRefusedError('the server refused the token that was entered');
    return token;
  };
}
