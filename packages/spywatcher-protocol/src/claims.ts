import * as z from 'zod/mini';
import { id, isId } from './ids.js';

/** The role that may not connect. */
export const bannedRole = 'BANNED';

/** The role that may see every guild. */
export const adminRole = 'ADMIN';

/** Who is connected, as the token says. */
export const user = /* @__PURE__ */ (() =>
  z.object({
    discordId: id,
    role: z.string(),
    /** Guilds the token itself grants. */
    guilds: z.array(id),
    /** When the token expires, in milliseconds since the epoch; undefined: never. */
    expiresAt: z.optional(z.number()),
  }))();

export type User = z.infer<typeof user>;

/**
 * The user of a token whose signature and times are good. Undefined where `discordId`, `access` or `role` is missing or
 * empty, and for a banned user: the connection is then refused like one with a bad token.
 */
export function userOf(claims: unknown): User | undefined {
  const { discordId, access, role, guilds, exp }: Record<string, unknown> = Object(claims);
  if (!isId(discordId) || !access || typeof role !== 'string' || role === '' || role === bannedRole) return undefined;
  return {
    discordId,
    role,
    guilds: Array.isArray(guilds) ? guilds.filter(isId) : [],
    ...(typeof exp === 'number' && { expiresAt: exp * 1000 }),
  };
}
