import * as z from 'zod/mini';
import { bearer, request } from './request.js';

const session = z.looseObject({
  id: z.string(),
  identity: z.nullable(z.string()),
  rooms: z.array(z.string()),
  queued_bytes: z.number(),
  connected_at: z.string(),
});
const sessions = z.looseObject({ sessions: z.array(session), total: z.number() });
const room = z.looseObject({ id: z.string(), members: z.number() });
const rooms = z.looseObject({ rooms: z.array(room), total: z.number() });

type AdminSession = z.infer<typeof session>;
type AdminRoom = z.infer<typeof room>;

/** What the admin API tells, or why it does not. */
export type AdminAnswer =
  | {
      readonly ok: true;
      readonly sessions: readonly AdminSession[];
      readonly sessionsInAll: number;
      readonly rooms: readonly AdminRoom[];
      readonly roomsInAll: number;
    }
  | { readonly ok: false; readonly error: string };

/** The first sessions and rooms of a service. Never rejects. */
export async function askAdmin(httpBase: string, token: string): Promise<AdminAnswer> {
  try {
    const headers = bearer(token);
    const [sessionsAnswer, roomsAnswer] = await Promise.all([
      request(`${httpBase}/admin/sessions?limit=200`, { headers }),
      request(`${httpBase}/admin/rooms?limit=200`, { headers }),
    ]);
    const some = sessions.safeParse(sessionsAnswer.body);
    const others = rooms.safeParse(roomsAnswer.body);
    if (!some.success || !others.success) return { ok: false, error: refusalOf(sessionsAnswer.status) };
    return {
      ok: true,
      sessions: some.data.sessions,
      sessionsInAll: some.data.total,
      rooms: others.data.rooms,
      roomsInAll: others.data.total,
    };
  } catch {
    return { ok: false, error: 'The admin API does not answer, or not to this page.' };
  }
}

/** Ends a session, on whatever instance it is. Never rejects; a session that has gone meanwhile needs no ending. */
export async function disconnect(httpBase: string, token: string, id: string): Promise<void> {
  await request(`${httpBase}/admin/disconnect`, {
    method: 'POST',
    headers: { ...bearer(token), 'Content-Type': 'application/json' },
    body: JSON.stringify({ session: id }),
  }).catch(() => undefined);
}

function refusalOf(status: number): string {
  if (status === 401) return 'The admin token was refused: enter the server’s ADMIN_TOKEN in the connection settings.';
  if (status === 404) return 'The admin API is off: start the server with ADMIN_TOKEN.';
  return `The admin API answered with HTTP ${status}.`;
}
