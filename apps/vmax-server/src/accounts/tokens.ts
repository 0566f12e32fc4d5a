import { randomUUID } from 'node:crypto';
import { type Cluster, CredentialsError, type Logger } from '@roomcast/engine';
import type { Credentials } from '@roomcast/server';
import { accessTokenSeconds, type SessionAnswer } from '@roomcast/vmax-protocol';
import * as z from 'zod';
import type { DirectoryUser } from '../directory/data.js';
import type { RefreshId } from './refresh-families.js';
import { SharedFamilies } from './shared-families.js';

/** How long a refresh token is good for, in seconds: a week. */
const refreshSeconds = 7 * 24 * 3600;

export interface TokensOptions {
  issue: NonNullable<Credentials['issue']>;
  verifier: Credentials['verifier'];
  userById(id: string): DirectoryUser | undefined | Promise<DirectoryUser | undefined>;
  cluster: Cluster;
  logger: Logger;
  now(): number;
}

export type Refreshed = SessionAnswer['data'] | 'INVALID_REFRESH_TOKEN' | 'TOKEN_REVOKED';

const refreshClaims = z.object({ token_type: z.literal('refresh'), jti: z.string(), family: z.string() });

/** Gives users their tokens. Which refresh tokens are good is known to the running instances, and ends with the last. */
export class Tokens {
  readonly #families: SharedFamilies;

  constructor(readonly options: TokensOptions) {
    const { cluster, now } = options;
    this.#families = new SharedFamilies(cluster, { lifetimeSeconds: refreshSeconds, now });
  }

  /** What somebody gets who has logged in. */
  async login(user: DirectoryUser): Promise<SessionAnswer['data']> {
    return this.#session(user, this.#families.start(user.id));
  }

  /** What somebody gets for a refresh token. The user is looked up again: a role may have changed since. */
  async refresh(refreshToken: string): Promise<Refreshed> {
    const given = await this.#idOf(refreshToken);
    if (given === undefined) return 'INVALID_REFRESH_TOKEN';
    const rotation = await this.#families.rotate(given);
    switch (rotation.kind) {
      case 'rotated': {
        const user = await this.options.userById(rotation.userId);
        return user === undefined ? 'INVALID_REFRESH_TOKEN' : this.#session(user, rotation.next);
      }
      case 'reused':
        this.options.logger.warn(
          { userId: rotation.userId },
          'a refresh token came twice: what came of its login is over',
        );
        return 'TOKEN_REVOKED';
      case 'revoked':
        return 'TOKEN_REVOKED';
      case 'unknown':
        return 'INVALID_REFRESH_TOKEN';
    }
  }

  /** A token for a connection, and for nothing else. */
  access({ id, email, role, fleetId, ownedRegulatorIds }: DirectoryUser): Promise<string> {
    const claims = { sub: email, userId: id, role, fleetId, ownedRegulatorIds, token_type: 'access' };
    return this.options.issue({ ...claims, jti: randomUUID() }, accessTokenSeconds);
  }

  async #session(user: DirectoryUser, { family, id: jti }: RefreshId): Promise<SessionAnswer['data']> {
    const { id, email, role, fleetId, firstName, lastName } = user;
    const refresh = { sub: email, userId: id, token_type: 'refresh', jti, family };
    return {
      accessToken: await this.access(user),
      refreshToken: await this.options.issue(refresh, refreshSeconds),
      tokenType: 'Bearer',
      expiresIn: accessTokenSeconds,
      user: { id, email, role, fleetId, firstName, lastName },
    };
  }

  async #idOf(refreshToken: string): Promise<RefreshId | undefined> {
    try {
      const { jti, family } = refreshClaims.parse(await this.options.verifier.verify(refreshToken));
      return { family, id: jti };
    } catch (error) {
      // Not ours, expired, or an access token: all the same to whoever sent it.
      if (error instanceof CredentialsError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }
}
