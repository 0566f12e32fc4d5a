import { type OriginPolicy, originAllowed } from '@roomcast/engine';
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
    origin: (origin, c) => (originAllowed(policy, { origin, host: c.req.header('host') }) ? origin : null),
  });
}
