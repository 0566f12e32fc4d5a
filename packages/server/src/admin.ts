import type { Engine, Mount, Session, Target } from '@roomcast/engine';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { answer, errorAnswer } from './answers.js';
import { bearerCheck } from './bearer.js';
import { readBody } from './body.js';
import { pageOf } from './pages.js';

export interface AdminOptions {
  engine: Pick<Engine, 'mounts' | 'stats'>;
  /** What requests must have in `Authorization: Bearer <token>`: at least 8 characters. */
  token: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the admin API never looks into what mounts keep about their sessions.
type AnyMount = Mount<any, any>;

const maxBodyBytes = 16 * 1024;

const paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(1024).optional(),
};
const sessionsQuery = z.strictObject({
  identity: z.string().min(1).max(1024).optional(),
  room: z.string().min(1).max(1024).optional(),
  ...paging,
});
const roomsQuery = z.strictObject(paging);
const disconnectBody = z.union(
  [z.strictObject({ identity: z.string().min(1).max(1024) }), z.strictObject({ session: z.string().min(1).max(1024) })],
  { error: 'expected {identity: text} or {session: text}' },
);

/**
 * The admin API: `GET /admin/sessions`, `GET /admin/rooms`, `POST /admin/disconnect`. Lists tell of this instance; a
 * disconnect reaches all of them. Mount it in a Hono app with `app.route('/', …)`, elsewhere as `nodeHandler(….fetch)`.
 */
export function adminRoutes({ engine, token }: AdminOptions): Hono {
  const authenticate = bearerCheck(token);
  const mounts = () => [...engine.mounts.values()];
  const app = new Hono();
  app.use('/admin/*', async (c, next) => {
    const refused = authenticate(c.req.raw);
    if (refused !== undefined) return refused;
    await next();
    return undefined;
  });
  app.get('/admin/sessions', (c) => {
    const query = sessionsQuery.safeParse(c.req.query());
    if (!query.success) return invalid(query.error);
    const { items, total, next } = pageOf(sessionsOf(mounts(), query.data), (session) => session.id, query.data);
    return answer(200, { sessions: items.map(describe), total, next });
  });
  app.get('/admin/rooms', (c) => {
    const query = roomsQuery.safeParse(c.req.query());
    if (!query.success) return invalid(query.error);
    const { items, total, next } = pageOf(roomsOf(mounts()), ([id]) => id, query.data);
    return answer(200, { rooms: items.map(([id, members]) => ({ id, members })), total, next });
  });
  app.post('/admin/disconnect', (c) => disconnect(engine, mounts(), c));
  return app;
}

async function disconnect(engine: AdminOptions['engine'], mounts: readonly AnyMount[], c: Context): Promise<Response> {
  const body = await readBody(c.req.raw, maxBodyBytes);
  if (body === undefined) return errorAnswer(413, `A body has at most ${maxBodyBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return errorAnswer(400, 'The body is not JSON');
  }
  const parsed = disconnectBody.safeParse(value);
  if (!parsed.success) return invalid(parsed.error);
  const target: Target = parsed.data;
  const disconnected = mounts.reduce((sum, mount) => sum + mount.disconnect(target), 0);
  if (engine.stats().bus === 'up') return answer(200, { disconnected });
  return errorAnswer(503, 'The bus is down: only sessions of this instance were disconnected', { disconnected });
}

function* sessionsOf(
  mounts: readonly AnyMount[],
  { identity, room }: { identity?: string | undefined; room?: string | undefined },
): IterableIterator<Session<unknown>> {
  for (const mount of mounts) {
    const sessions: Iterable<Session<unknown>> =
      identity !== undefined
        ? (mount.sessionsOf(identity) ?? [])
        : room !== undefined
          ? (mount.rooms.members(room) ?? [])
          : mount.sessions;
    for (const session of sessions) if (room === undefined || session.rooms.has(room)) yield session;
  }
}

/** Rooms of the same name on two mounts count as one here, as those of two instances do. */
function roomsOf(mounts: readonly AnyMount[]): Iterable<[string, number]> {
  const [first, ...others] = mounts;
  if (first === undefined) return [];
  if (others.length === 0) return first.rooms.entries();
  const members = new Map<string, number>(first.rooms.entries());
  for (const mount of others) {
    for (const [room, count] of mount.rooms.entries()) members.set(room, (members.get(room) ?? 0) + count);
  }
  return members;
}

function describe(session: Session<unknown>): object {
  return {
    id: session.id,
    identity: session.identity?.id ?? null,
    rooms: [...session.rooms],
    queued_bytes: session.queuedBytes,
    connected_at: new Date(session.connectedAt).toISOString(),
  };
}

function invalid(error: z.ZodError): Response {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return errorAnswer(400, 'The request is not valid', { issues });
}
