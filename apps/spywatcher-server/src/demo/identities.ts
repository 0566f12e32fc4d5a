import type { DemoIdentity } from '@roomcast/server';

/** Somebody of the demonstration. Which guilds they may see is in `data/demo-directory.json`. */
export interface DemoUser extends DemoIdentity {
  /** Their Discord id. */
  readonly id: string;
  readonly username: string;
  readonly role: string;
}

/** Whom a demonstration can be tried as: who sees one guild, two, none, all, and who is not let in. */
export const demoIdentities: readonly DemoUser[] = [
  { id: '100000000000000001', username: 'mia', role: 'USER' },
  { id: '100000000000000002', username: 'noor', role: 'MODERATOR' },
  { id: '100000000000000003', username: 'theo', role: 'USER' },
  { id: '100000000000000004', username: 'ada', role: 'ADMIN' },
  { id: '100000000000000005', username: 'rex', role: 'BANNED' },
];

/** The guilds in which something happens. */
export const demoGuilds = ['200000000000000001', '200000000000000002'] as const;

/** How long the token of a demo identity is good for. */
export const demoTokenSeconds = 3600;

/** The claims of a demo identity's access token, but for its times. */
export function demoClaimsOf({ id, username, role }: DemoUser): Record<string, unknown> {
  return { discordId: id, username, access: true, role };
}
