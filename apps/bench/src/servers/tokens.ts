import { createHmac, createSecretKey } from 'node:crypto';
import { jwtVerify } from 'jose';

/** Of the benchmark's own tokens, which open nothing else. */
export const secret = 'the benchmark signs its own tokens with this';

/** The publish API's, where it is on. */
export const publishToken = 'bench-publish-token';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const header = base64url('{"alg":"HS256","typ":"JWT"}');
const lifetimeSeconds = 3600;

/** A token of the `n`-th member. */
export function tokenOf(n: number): string {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { sub: `user-${n}`, role: 'member', iat: seconds, exp: seconds + lifetimeSeconds };
  const signed = `${header}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const key = createSecretKey(Buffer.from(secret));

/** What a server of one's own does with a token: `jose`, as the engine does. */
export async function userOf(token: string): Promise<string | undefined> {
  return (await jwtVerify(token, key, { algorithms: ['HS256'] })).payload.sub;
}

/** The token in a request's query. */
export function tokenIn(url: string | undefined): string {
  return new URL(url ?? '/', 'http://localhost').searchParams.get('token') ?? '';
}
