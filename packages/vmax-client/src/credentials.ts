import { type Clock, CredentialsRefusedError, type TokenRequest } from '@roomcast/client-core';
import type { LoginRequest } from '@roomcast/vmax-protocol';
import type { Api, Tokens } from './api.js';
import { ApiError } from './errors.js';

interface Held {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When another one is due, in milliseconds since the epoch. */
  readonly staleAt: number;
}

/** The longest that an access token is renewed ahead of its end, so that it does not expire on its way. */
const maxAheadMs = 10_000;

/** Gives access tokens: logs in first, renews by the refresh token later, and logs in again when that is refused. */
export class Credentials {
  #held: Held | undefined;
  #underWay: Promise<string> | undefined;

  constructor(
    private readonly login: LoginRequest,
    private readonly api: Pick<Api, 'login' | 'refresh'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Whoever asks while an answer is under way gets that one: a refresh token that is used twice is taken for stolen, and
   * all that came from it is revoked.
   */
  token({ refresh }: TokenRequest): Promise<string> {
    this.#underWay ??= this.#obtain(refresh).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #obtain(refresh: boolean): Promise<string> {
    const held = this.#held;
    if (held && !refresh && this.clock.now() < held.staleAt) return held.accessToken;
    return this.#hold((held && (await this.#refresh(held.refreshToken))) ?? (await this.#logIn()));
  }

  /** Undefined where the refresh token is not good any more. */
  async #refresh(refreshToken: string): Promise<Tokens | undefined> {
    try {
      return await this.api.refresh(refreshToken);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#held = undefined;
      return undefined;
    }
  }

  async #logIn(): Promise<Tokens> {
    try {
      return await this.api.login(this.login);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const message = `the server did not accept the login${error.reason === undefined ? '' : `: ${error.reason}`}`;
      throw new CredentialsRefusedError(message, { cause: error });
    }
  }

  #hold({ accessToken, refreshToken, expiresInMs }: Tokens): string {
    const staleAt = this.clock.now() + expiresInMs - Math.min(maxAheadMs, expiresInMs / 10);
    this.#held = { accessToken, refreshToken, staleAt };
    return accessToken;
  }
}

/** Whether the same request would be refused again; a server that is busy or failing may answer otherwise later. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 401, 403, 422].includes(error.status);
}
