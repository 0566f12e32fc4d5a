import * as z from 'zod/mini';
import { id, isId } from './ids.js';

/** Who issues the tokens. */
export const tokenIssuer = 'go-falcon';

/** Who somebody is, as the token says. */
export interface FalconUser {
  readonly userId: string;
  readonly characterId: number | null;
  readonly characterName: string | null;
  readonly scopes: readonly string[];
  /** The ids of the user's groups, where the token names some. */
  readonly groups: readonly string[];
  /** When the token expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a token must say. Its other claims grant nothing where they are of another type than they should be. */
export const claims = /* @__PURE__ */ (() =>
  z.looseObject({ user_id: id, exp: z.number(), iss: z.literal(tokenIssuer) }))();

/** The user of a token whose signature and times are good. Undefined where it is none of this service's. Never throws. */
export function userOf(payload: unknown): FalconUser | undefined {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return undefined;
  const { user_id, exp, character_id, character_name, scopes, groups } = parsed.data;
  return {
    userId: user_id,
    characterId: typeof character_id === 'number' ? character_id : null,
    characterName: typeof character_name === 'string' ? character_name : null,
    scopes: scopesOf(scopes),
    groups: Array.isArray(groups) ? groups.filter(isId) : [],
    expiresAt: exp * 1000,
  };
}

/** Whether the token opens the administrators' requests. */
export function isAdmin({ scopes }: Pick<FalconUser, 'scopes'>): boolean {
  return scopes.includes('admin');
}

/** A list of texts, or one text with spaces or commas between them. */
function scopesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((scope) => typeof scope === 'string');
  return typeof value === 'string' ? value.split(/[\s,]+/).filter((scope) => scope !== '') : [];
}
