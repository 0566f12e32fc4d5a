import type { FalconGateway } from '@roomcast/falcon-gateway';
import { statusPath, websocketPath } from '@roomcast/falcon-protocol';
import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import { administrators } from './access.js';
import { problem } from './problem.js';
import { connectionsQuery, roomsQuery } from './queries.js';
import { send, targetFields } from './sending.js';

export interface RoutesOptions {
  gateway: FalconGateway;
  adminToken: string | undefined;
  now(): number;
}

/** The server's own HTTP paths. */
export function falconRoutes({ gateway, adminToken, now }: RoutesOptions): Hono {
  const { overview } = gateway;
  const app = new Hono();
  const mayAdminister = administrators(gateway, adminToken);
  app.get(statusPath, (c) => c.json(gateway.status()));
  app.get(websocketPath, () =>
    problem(426, 'A WebSocket upgrade is expected here', undefined, { Upgrade: 'websocket' }),
  );
  for (const name of ['connections', 'rooms', 'users', 'broadcast']) {
    app.use(`/websocket/${name}`, mayAdminister);
    app.use(`/websocket/${name}/*`, mayAdminister);
  }
  app.get('/websocket/connections', (c) =>
    query(c, connectionsQuery, async ({ limit, after, ...filter }) =>
      c.json(await overview.connections(filter, { limit, after })),
    ),
  );
  app.get('/websocket/connections/:id', async (c) => {
    const connection = await overview.connection(c.req.param('id'));
    return connection === undefined ? problem(404, 'There is no such connection') : c.json(connection);
  });
  app.get('/websocket/rooms', (c) =>
    query(c, roomsQuery, async ({ limit, after, ...filter }) => c.json(await overview.rooms(filter, { limit, after }))),
  );
  app.get('/websocket/rooms/:id', (c) => {
    const room = overview.room(c.req.param('id'));
    return room === undefined ? problem(404, 'There is no such room') : c.json(room);
  });
  app.post('/websocket/broadcast', async (c) => send({ gateway, now }, await json(c)));
  for (const [name, field] of Object.entries(targetFields)) {
    app.post(`/websocket/${name}/:id/message`, async (c) =>
      send({ gateway, now }, await json(c), { [field]: c.req.param('id') }),
    );
  }
  app.all('/websocket/*', () => problem(404, 'There is nothing at this path'));
  return app;
}

async function query<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  answer: (query: z.output<Schema>) => Promise<Response>,
): Promise<Response> {
  const parsed = schema.safeParse(c.req.query());
  if (parsed.success) return answer(parsed.data);
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return problem(422, 'The query is not valid', errors);
}

/** The body; undefined where it is no JSON, which the check of the message then tells. */
async function json(c: Context): Promise<unknown> {
  return c.req.json().catch(() => undefined);
}
