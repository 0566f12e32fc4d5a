import { apiTokens } from '@roomcast/engine/identity';
import type { FalconGateway } from '@roomcast/falcon-gateway';
import { isAdmin } from '@roomcast/falcon-protocol';
import type { MiddlewareHandler } from 'hono';
import { problem } from './problem.js';

/** Lets administrators pass: by `admin` among the scopes of their token (Bearer or cookie), or by the server's own token. */
export function administrators(
  gateway: Pick<FalconGateway, 'authenticate'>,
  adminToken: string | undefined,
): MiddlewareHandler {
  const tokens = apiTokens(adminToken === undefined ? [] : [adminToken]);
  return async (c, next) => {
    const header = (name: string) => c.req.header(name);
    const authorization = header('authorization');
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && tokens.verify(given) !== undefined) return next();
    const result = await gateway.authenticate({
      authorization,
      cookie: header('cookie'),
      origin: header('origin'),
      host: header('host'),
    });
    if (!result.ok) {
      return result.reason === 'refused'
        ? problem(401, 'A good token is missing', undefined, { 'WWW-Authenticate': 'Bearer' })
        : problem(503, 'Tokens can not be verified at the moment', undefined, { 'Retry-After': '5' });
    }
    return isAdmin(result.user) ? next() : problem(403, 'The scope admin is missing');
  };
}
