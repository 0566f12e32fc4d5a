import { clientIp } from '@roomcast/engine';
import type { NodeBindings } from '@roomcast/server';
import { loginPath, parseLogin, parseRefresh, refreshPath } from '@roomcast/vmax-protocol';
import { type Context, Hono } from 'hono';
import type { LoginLimits } from '../accounts/login-limits.js';
import type { Logins } from '../accounts/logins.js';
import type { Tokens } from '../accounts/tokens.js';
import { version } from '../package-files.js';
import { dataAnswer, errorAnswer } from './answers.js';

/** What logging in needs. */
interface Accounts {
  logins: Logins;
  limits: LoginLimits;
  tokens: Tokens;
}

export interface RoutesOptions {
  /** Absent where nobody can log in here. */
  accounts: Accounts | undefined;
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  trustProxy: number;
  now(): number;
}

/** What a client that is refused for the server's load should wait, in seconds. */
const busySeconds = 2;

/** The server's own HTTP paths. */
export function vmaxRoutes({ accounts, trustProxy, now }: RoutesOptions): Hono {
  const app = new Hono();
  app.get('/health', (c) => c.json({ status: 'ok', timestamp: new Date(now()).toISOString(), version }));
  if (accounts !== undefined) {
    app.post(loginPath, (c) => login(c, accounts, trustProxy, now));
    app.post(refreshPath, (c) => refresh(c, accounts, now));
  }
  app.all('/api/v1/*', () => errorAnswer('NOT_FOUND', now()));
  return app;
}

async function login(c: Context, accounts: Accounts, trustProxy: number, now: () => number): Promise<Response> {
  const body = parseLogin(await json(c));
  if (!body.ok) return errorAnswer('VALIDATION_ERROR', now(), { details: body.details });
  const { email, password } = body.value;
  const { incoming } = c.env as NodeBindings;
  const retryAfter = accounts.limits.attempt(clientIp(incoming, trustProxy), email);
  if (retryAfter !== undefined) return errorAnswer('RATE_LIMITED', now(), { retryAfter });
  const user = await accounts.logins.check(email, password);
  if (user === 'busy') return errorAnswer('BUSY', now(), { retryAfter: busySeconds });
  if (user === 'wrong') return errorAnswer('INVALID_CREDENTIALS', now());
  accounts.limits.succeeded(email);
  return dataAnswer(await accounts.tokens.login(user), now());
}

async function refresh(c: Context, { tokens }: Accounts, now: () => number): Promise<Response> {
  const body = parseRefresh(await json(c));
  if (!body.ok) return errorAnswer('VALIDATION_ERROR', now(), { details: body.details });
  const session = await tokens.refresh(body.value.refreshToken);
  return typeof session === 'string' ? errorAnswer(session, now()) : dataAnswer(session, now());
}

/** The body; undefined where it is no JSON, which the schemas then tell. */
async function json(c: Context): Promise<unknown> {
  return c.req.json().catch(() => undefined);
}
