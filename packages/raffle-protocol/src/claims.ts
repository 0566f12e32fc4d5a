import * as z from 'zod/mini';

/** What a user may be. Admins and operators are the staff: private events reach them too. */
export const roles = ['User', 'Seller', 'Admin', 'Operator'] as const;

export type Role = (typeof roles)[number];

export function isStaff(role: Role): boolean {
  return role === 'Admin' || role === 'Operator';
}

/** The claims of an access token that the API uses; `email`, `iat` and `jti` are not looked at. */
export const accessClaims = z.looseObject({
  /** The user's id. */
  sub: z.string().check(z.minLength(1)),
  username: z.string(),
  role: z.enum(roles),
  /** Seconds since the epoch. */
  exp: z.number(),
  token_type: z.literal('access'),
});

/** A user, as an access token tells. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  /** The token's `exp`, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The user of a verified token, or undefined where it is no access token of this API. Never throws. */
export function userOf(claims: unknown): User | undefined {
  const parsed = accessClaims.safeParse(claims);
  if (!parsed.success) return undefined;
  const { sub, username, role, exp } = parsed.data;
  return { id: sub, username, role, expiresAt: exp * 1000 };
}
