import { Buffer } from 'node:buffer';
import type { KillmailsGateway, RecentKill } from '@roomcast/killmails-gateway';
import { Hono } from 'hono';
import { dataAnswer, errorAnswer, json } from './answers.js';
import { bulkBody, issuesOf, killmailId, recentQuery, systemId } from './parameters.js';

/** What the reading API needs of the gateway. */
type Readable = Pick<KillmailsGateway, 'kills'>;

const comma = Buffer.from(',');

/** `/api/v1`: kills of the last while, by system and by id. Killmails go out as they were encoded when they came. */
export function readingRoutes({ kills }: Readable, now: () => number): Hono {
  const app = new Hono();

  app.get('/api/v1/kills/system/:id', (c) => {
    const system = systemId.safeParse(c.req.param('id'));
    if (!system.success) return badSystem(system.error);
    const query = recentQuery.safeParse(c.req.query());
    if (!query.success) return badParameters(query.error);
    const { since_hours: sinceHours, limit } = query.data;
    const found = kills.history.recent(system.data, { sinceHours, limit, now: now() });
    const end = json({ cached: true, timestamp: time(now), error: null });
    return dataAnswer([Buffer.from('{"kills":'), ...list(found), comma, end.subarray(1)]);
  });

  app.post('/api/v1/kills/systems', async (c) => {
    const body = bulkBody.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) {
      const badIds = body.error.issues.some(({ path }) => path[0] === 'system_ids');
      return badParameters(body.error, badIds ? 'INVALID_SYSTEM_IDS' : 'INVALID_PARAMETERS');
    }
    const { system_ids, since_hours: sinceHours, limit } = body.data;
    const bySystem = [...new Set(system_ids)].flatMap((system, index) => [
      Buffer.from(`${index === 0 ? '' : ','}"${system}":`),
      ...list(kills.history.recent(system, { sinceHours, limit, now: now() })),
    ]);
    const end = json({ timestamp: time(now) });
    return dataAnswer([Buffer.from('{"systems_kills":{'), ...bySystem, Buffer.from('},'), end.subarray(1)]);
  });

  app.get('/api/v1/kills/count/:id', (c) => {
    const system = systemId.safeParse(c.req.param('id'));
    if (!system.success) return badSystem(system.error);
    const count = kills.counts.total(system.data, now());
    return dataAnswer([json({ system_id: system.data, count, timestamp: time(now) })]);
  });

  app.get('/api/v1/killmail/:id', (c) => {
    const id = killmailId.safeParse(c.req.param('id'));
    if (!id.success) return badParameters(id.error, 'INVALID_KILLMAIL_ID');
    const kill = kills.history.byId(id.data);
    if (kill === undefined) return errorAnswer(404, 'NOT_FOUND', 'There is no such killmail among the recent ones');
    return dataAnswer([kill.json]);
  });

  return app;
}

type Problem = Parameters<typeof issuesOf>[0];

function badSystem(error: Problem): Response {
  return badParameters(error, 'INVALID_SYSTEM_ID');
}

function badParameters(error: Problem, code = 'INVALID_PARAMETERS'): Response {
  const details = issuesOf(error);
  const texts = details.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return errorAnswer(400, code, texts.join('; '), details);
}

function list(kills: readonly RecentKill[]): Buffer[] {
  const parts = kills.flatMap(({ json }, index) => (index === 0 ? [json] : [comma, json]));
  return [Buffer.from('['), ...parts, Buffer.from(']')];
}

function time(now: () => number): string {
  return new Date(now()).toISOString();
}
