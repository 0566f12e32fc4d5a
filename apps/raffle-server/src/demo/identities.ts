import { randomUUID } from 'node:crypto';
import type { Role } from '@roomcast/raffle-protocol';
import type { DemoIdentity } from '@roomcast/server';

/** Somebody of the demonstration. */
export interface DemoUser extends DemoIdentity {
  readonly username: string;
  readonly role: Role;
}

/** Whom a demonstration can be tried as: who buys, who sells, and the staff. */
export const demoIdentities: readonly DemoUser[] = [
  { id: 'alice', username: 'alice@example.com', role: 'User' },
  { id: 'bob', username: 'bob@example.com', role: 'User' },
  { id: 'carol', username: 'carol@example.com', role: 'User' },
  { id: 'sam', username: 'sam@example.com', role: 'Seller' },
  { id: 'stella', username: 'stella@example.com', role: 'Seller' },
  { id: 'adam', username: 'adam@example.com', role: 'Admin' },
  { id: 'olga', username: 'olga@example.com', role: 'Operator' },
];

/** How long the token of a demo identity is good for. */
export const demoTokenSeconds = 3600;

/** The claims of a demo identity's access token, but for its times. */
export function demoClaimsOf({ id, username, role }: DemoUser): Record<string, unknown> {
  return { sub: id, username, email: username, role, jti: randomUUID(), token_type: 'access' };
}
