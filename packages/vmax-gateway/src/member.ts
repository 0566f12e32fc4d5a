import type { Identity, Session } from '@roomcast/engine';
import { type Claims, type Grant, grantOf } from '@roomcast/vmax-protocol';

/** Whose session it is, as the token says. */
export class Member {
  readonly grant: Grant;
  readonly #owned: ReadonlySet<string>;

  /** @param notifyMissed whether its client asked to be told when events may have been missed */
  constructor(
    readonly claims: Claims,
    readonly notifyMissed: boolean,
  ) {
    this.grant = grantOf(claims.role);
    this.#owned = new Set(claims.ownedRegulatorIds);
  }

  get identity(): Identity {
    const { userId, expiresAt } = this.claims;
    return expiresAt === undefined ? { id: userId } : { id: userId, expiresAt };
  }

  owns(regulatorId: string): boolean {
    return this.#owned.has(regulatorId);
  }
}

/**
 * What a session keeps about its client.
 * - `arriving`: it brought a token, or an empty text instead of one, that is not verified.
 * - `member`: it is known who it is.
 */
export type Client =
  | { readonly state: 'arriving'; readonly token: string; readonly notifyMissed: boolean }
  | { readonly state: 'member'; readonly member: Member };

export type VmaxSession = Session<Client>;
