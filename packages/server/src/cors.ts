import type { OriginPolicy } from '@roomcast/engine';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

/** How long browsers may remember the answer to a preflight, in seconds. */
const maxAge = 600;

/**
 * Lets pages of the allowed origins read every answer: the policy that WebSocket upgrades go by.
 *
 * @param credentials pages may send cookies; never where all origins are allowed, because then any site the user visits
 *   could read what the user's cookies open
 */
export function corsFor(policy: OriginPolicy, credentials: boolean): MiddlewareHandler {
  const exposeHeaders = ['Retry-After'];
  if (policy === '*') return cors({ origin: '*', maxAge, exposeHeaders });
  return cors({
    maxAge,
    exposeHeaders,
    credentials,
    origin: (origin, c) => (isAllowed(policy, origin, c.req.header('host')) ? origin : null),
  });
}

function isAllowed(origins: readonly string[], origin: string, host: string | undefined): boolean {
  return origins.includes(origin) || (origins.includes('same-host') && isSameHost(origin, host));
}

function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  // A default port that only one of the two spells out makes no difference.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === new URL(origin).host;
}
