import { authCookie, tokenIssuer } from '@roomcast/falcon-protocol';
import type { DemoIdentity } from '@roomcast/server';

/** Somebody of the demonstration. The id is the user's. */
export interface DemoUser extends DemoIdentity {
  readonly character_id: number;
  readonly character_name: string;
  readonly scopes: readonly string[];
}

const user = (number: number, character_name: string, scopes: readonly string[] = []): DemoUser => ({
  id: `7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d000${number}`,
  character_id: 90_000_000 + number,
  character_name,
  scopes,
});

/** Whom a demonstration can be tried as: two commanders, logistics, somebody in no group, and an administrator. */
export const demoIdentities: readonly DemoUser[] = [
  user(1, 'Ariel Vance'),
  user(2, 'Bram Okonedo'),
  user(3, 'Celeste Marrow'),
  user(4, 'Dario Quill'),
  user(5, 'Edda Storm', ['admin']),
];

/** How long the token of a demo identity is good for. */
export const demoTokenSeconds = 3600;

/** The claims of a demo identity's token, but for its times. */
export function demoClaimsOf({ id, character_id, character_name, scopes }: DemoUser): Record<string, unknown> {
  return { user_id: id, character_id, character_name, scopes: scopes.join(' '), iss: tokenIssuer };
}

/** The header that has a browser keep the token. */
export function demoCookie(token: string, isSecure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${demoTokenSeconds}`;
  return `${authCookie}=${token}; ${attributes}${isSecure ? '; Secure' : ''}`;
}
