import * as z from 'zod/mini';
import { isId } from './ids.js';

/** What an access token says. */
export interface Claims {
  readonly userId: string;
  /** One of `roles`, or another that may subscribe to nothing. `UNKNOWN` where the token names none. */
  readonly role: string;
  readonly fleetId: string | null;
  readonly ownedRegulatorIds: readonly string[];
  /** When the token expires, in milliseconds since the epoch; undefined: never. */
  readonly expiresAt?: number;
}

const token = z.looseObject({
  userId: z.string().check(z.minLength(1)),
  // A refresh token is signed with the same key and must not open a connection.
  token_type: z.nullish(z.literal('access')),
  exp: z.optional(z.number()),
});

/**
 * What the payload of a token whose signature and times are good says about its holder. Undefined where it is no access
 * token, or does not name a user: the connection is then refused like one with a bad token. A claim of another type than
 * it should have grants nothing.
 */
export function parseClaims(payload: unknown): Claims | undefined {
  const parsed = token.safeParse(payload);
  if (!parsed.success) return undefined;
  const { userId, exp, role, fleetId, ownedRegulatorIds } = parsed.data;
  return {
    userId,
    role: typeof role === 'string' && role !== '' ? role : 'UNKNOWN',
    fleetId: isId(fleetId) ? fleetId : null,
    ownedRegulatorIds: Array.isArray(ownedRegulatorIds) ? ownedRegulatorIds.filter(isId) : [],
    ...(exp === undefined ? {} : { expiresAt: exp * 1000 }),
  };
}
