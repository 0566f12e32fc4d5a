import { Hono } from 'hono';
import * as z from 'zod';
import { answer, errorAnswer } from './answers.js';

/** Somebody a demonstration can be tried as. Whatever else it holds is shown in the list. */
export interface DemoIdentity {
  readonly id: string;
}

export interface DemoSession {
  token: string;
  /** A `Set-Cookie` header's value, where cookies authenticate. */
  cookie?: string;
}

export interface DemoSessionsOptions<Identity extends DemoIdentity> {
  identities: readonly Identity[];
  issue(identity: Identity): DemoSession | Promise<DemoSession>;
}

const body = z.object({ identity: z.string() });

/** `GET /demo/session` → `{identities}`; `POST /demo/session {identity: id}` → `{token, identity}`. For demonstrations only. */
export function demoSessions<Identity extends DemoIdentity>(options: DemoSessionsOptions<Identity>): Hono {
  const app = new Hono();
  app.get('/demo/session', () => answer(200, { identities: options.identities }));
  app.post('/demo/session', async (c) => {
    const parsed = body.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return errorAnswer(400, 'expected {identity: id}');
    const identity = options.identities.find(({ id }) => id === parsed.data.identity);
    if (identity === undefined) return errorAnswer(404, 'There is no such demo identity');
    const { token, cookie } = await options.issue(identity);
    return answer(200, { token, identity }, cookie === undefined ? {} : { 'Set-Cookie': cookie });
  });
  return app;
}
