import { CredentialsError, type Logger, type OriginPolicy, originAllowed } from '@roomcast/engine';
import { authCookie, type FalconUser, userOf } from '@roomcast/falcon-protocol';
import type { VerifyToken } from './options.js';

/** The headers that say who somebody is. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * - `refused`: no token, or a bad one.
 * - `unavailable`: whether it is good can't be found out now.
 */
export type Authenticated =
  | { readonly ok: true; readonly user: FalconUser }
  | { readonly ok: false; readonly reason: 'refused' | 'unavailable' };

/** Whatever follows the scheme is the token: what is none must not make way for the cookie. */
const bearer = /^Bearer(?:\s+(.*))?$/i;

/** Who sends a request: by its `Authorization: Bearer`, and only where it has none by its cookie. */
export class Authentication {
  constructor(
    readonly verify: VerifyToken,
    readonly origins: OriginPolicy,
    readonly logger: Logger,
  ) {}

  async of(headers: CredentialHeaders): Promise<Authenticated> {
    const token = this.#tokenOf(headers);
    if (token === '') return { ok: false, reason: 'refused' };
    try {
      const user = userOf(await this.verify(token));
      return user === undefined ? { ok: false, reason: 'refused' } : { ok: true, user };
    } catch (error) {
      if (!(error instanceof CredentialsError)) this.logger.warn({ err: error }, 'verifying a token failed');
      const unavailable = error instanceof CredentialsError && error.reason === 'unavailable';
      return { ok: false, reason: unavailable ? 'unavailable' : 'refused' };
    }
  }

  #tokenOf(headers: CredentialHeaders): string {
    const given = bearer.exec(headers.authorization ?? '');
    if (given !== null) return given[1]?.trim() ?? '';
    return this.#mayUseCookie(headers) ? cookieOf(headers.cookie ?? '', authCookie) : '';
  }

  /** Browsers send cookies along for any page: that of a page whose origin nobody has named must not count. */
  #mayUseCookie(headers: CredentialHeaders): boolean {
    return originAllowed(this.origins === '*' ? ['same-host'] : this.origins, headers);
  }
}

function cookieOf(header: string, name: string): string {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) {
      return pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
    }
  }
  return '';
}
