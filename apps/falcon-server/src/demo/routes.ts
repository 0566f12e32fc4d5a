import { type Credentials, demoSessions } from '@roomcast/server';
import { Hono } from 'hono';
import type { FalconEnvironment } from '../environment.js';
import { demoClaimsOf, demoCookie, demoIdentities, demoTokenSeconds } from './identities.js';

/** Tokens and cookies of the demo identities: none where only public keys are known. */
export function demoRoutes(env: Pick<FalconEnvironment, 'TLS_CERT_FILE'>, { issue }: Pick<Credentials, 'issue'>): Hono {
  if (issue === undefined) return new Hono();
  return demoSessions({
    identities: demoIdentities,
    async issue(identity) {
      const token = await issue(demoClaimsOf(identity), demoTokenSeconds);
      return { token, cookie: demoCookie(token, env.TLS_CERT_FILE !== undefined) };
    },
  });
}
