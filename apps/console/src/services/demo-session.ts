import * as z from 'zod/mini';
import { request } from './request.js';

/** Somebody a demonstration can be tried as. */
export interface DemoIdentity {
  readonly id: string;
  /** For people: a name and a role, where the service tells them. */
  readonly label: string;
}

const text = z.optional(z.nullable(z.string()));

const identities = z.object({
  identities: z.array(z.looseObject({ id: z.string(), name: text, username: text, character_name: text, role: text })),
});

const session = z.looseObject({ token: z.string() });

/** Whom one can sign in as; undefined where the service is no demonstration. */
export async function demoIdentities(httpBase: string): Promise<readonly DemoIdentity[] | undefined> {
  const { status, body } = await request(`${httpBase}/demo/session`);
  const parsed = identities.safeParse(body);
  if (status !== 200 || !parsed.success) return undefined;
  return parsed.data.identities.map(({ id, name, username, character_name, role }) => {
    const called = name ?? character_name ?? username ?? id;
    return { id, label: role ? `${called} · ${role}` : called };
  });
}

/**
 * Signs in as one of them.
 * @param byCookie cookies authenticate: the browser gets one. Servers that know none refuse requests that may carry some
 */
export async function demoToken(httpBase: string, identity: string, byCookie: boolean): Promise<string> {
  const { status, body } = await request(`${httpBase}/demo/session`, {
    method: 'POST',
    credentials: byCookie ? 'include' : 'omit',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ identity }),
  });
  const parsed = session.safeParse(body);
  if (!parsed.success) throw new Error(`POST /demo/session answered with HTTP ${status} and no token`);
  return parsed.data.token;
}
