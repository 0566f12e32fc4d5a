import type { Engine, Mount, Session, Target } from '@roomcast/engine';
import * as z from 'zod';
import { Distinct } from './distinct.js';
import { cutPage, PageBuilder } from './pages.js';
import { Slices } from './slices.js';

/** What the admin API needs of an engine. */
export type AdminEngine = Pick<Engine, 'mounts' | 'stats' | 'cluster'>;

// biome-ignore lint/suspicious/noExplicitAny: the admin API never looks into what mounts keep about their sessions.
type AnyMount = Mount<any, any>;

export const questions = {
  sessions: '$admin.sessions',
  rooms: '$admin.rooms',
  disconnect: '$admin.disconnect',
} as const;

const paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(1024).optional(),
};
export const sessionsQuery = z.strictObject({
  identity: z.string().min(1).max(1024).optional(),
  room: z.string().min(1).max(1024).optional(),
  ...paging,
});
export const roomsQuery = z.strictObject(paging);
export const disconnectBody = z.union(
  [z.strictObject({ identity: z.string().min(1).max(1024) }), z.strictObject({ session: z.string().min(1).max(1024) })],
  { error: 'expected {identity: text} or {session: text}' },
);

const describedSession = z.object({
  id: z.string(),
  identity: z.string().nullable(),
  rooms: z.array(z.string()),
  rooms_not_listed: z.number().optional(),
  queued_bytes: z.number(),
  connected_at: z.string(),
});
const describedRoom = z.object({ id: z.string(), members: z.number() });
const page = { total: z.number(), next: z.string().nullable() };

export const sessionsAnswer = z.object({ items: z.array(describedSession), ...page });
/** `distinct`: the rooms there are, for counting those of all instances together (`Distinct`). */
export const roomsAnswer = z.object({ items: z.array(describedRoom), ...page, distinct: z.string() });
export const disconnectAnswer = z.number();

type DescribedSession = z.output<typeof describedSession>;
export type DescribedRoom = z.output<typeof describedRoom>;
type SessionsQuery = z.output<typeof sessionsQuery>;
type RoomsQuery = z.output<typeof roomsQuery>;

export const idOf = ({ id }: { id: string }): string => id;

/** Characters of one instance's page, and of the rooms of one session in it: an answer must fit into a message. */
const maxPageLength = 60_000;
const maxRoomsLength = 30_000;
/** How long the event loop may be held at a time, in milliseconds. */
const sliceMs = 5;

const answering = new WeakSet<object>();

/** Has an instance answer what the admin APIs of all instances ask. Calling it again changes nothing. */
export function answerAdmin(engine: AdminEngine): void {
  if (answering.has(engine)) return;
  answering.add(engine);
  const { cluster } = engine;
  const mounts = () => [...engine.mounts.values()];
  cluster.answer(questions.sessions, (query) => sessionsPage(mounts(), sessionsQuery.parse(query)));
  cluster.answer(questions.rooms, (query) => roomsPage(mounts(), roomsQuery.parse(query)));
  cluster.answer(questions.disconnect, (target) => disconnect(mounts(), disconnectBody.parse(target)));
}

async function sessionsPage(
  mounts: readonly AnyMount[],
  query: SessionsQuery,
): Promise<z.output<typeof sessionsAnswer>> {
  const builder = new PageBuilder<Session<unknown>>(idOf, query);
  await inSlices(sessionsOf(mounts, query), (session) => builder.add(session));
  const { items, ...rest } = builder.page();
  const { items: cut, ...described } = cutPage({ items: items.map(describe), ...rest }, idOf, maxPageLength);
  return { items: [...cut], ...described };
}

async function roomsPage(mounts: readonly AnyMount[], query: RoomsQuery): Promise<z.output<typeof roomsAnswer>> {
  const builder = new PageBuilder<DescribedRoom>(idOf, query);
  const distinct = new Distinct();
  await inSlices(roomsOf(mounts), (room) => {
    builder.add(room);
    distinct.add(room.id);
  });
  const { items, ...rest } = cutPage(builder.page(), idOf, maxPageLength);
  return { items: [...items], ...rest, distinct: distinct.encode() };
}

/** Ends sessions of this instance; returns how many. */
function disconnect(mounts: readonly AnyMount[], target: Target): number {
  let disconnected = 0;
  for (const mount of mounts) {
    const sessions: Iterable<Session<unknown>> =
      'identity' in target
        ? [...(mount.sessionsOf(target.identity) ?? [])]
        : [...mount.sessions].filter(({ id }) => id === target.session);
    for (const session of sessions) {
      session.dismiss('disconnected');
      disconnected++;
    }
  }
  return disconnected;
}

function* sessionsOf(
  mounts: readonly AnyMount[],
  { identity, room }: SessionsQuery,
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
function* roomsOf(mounts: readonly AnyMount[]): IterableIterator<DescribedRoom> {
  for (const [index, mount] of mounts.entries()) {
    const [before, after] = [mounts.slice(0, index), mounts.slice(index + 1)];
    for (const [id, members] of mount.rooms.entries()) {
      if (before.some((other) => other.rooms.members(id) !== undefined)) continue;
      yield { id, members: after.reduce((sum, other) => sum + (other.rooms.members(id)?.size ?? 0), members) };
    }
  }
}

function describe(session: Session<unknown>): DescribedSession {
  const rooms: string[] = [];
  let length = 0;
  for (const room of session.rooms) {
    length += room.length + 3;
    if (length > maxRoomsLength) break;
    rooms.push(room);
  }
  const notListed = session.rooms.size - rooms.length;
  return {
    id: session.id,
    identity: session.identity?.id ?? null,
    rooms,
    ...(notListed > 0 && { rooms_not_listed: notListed }),
    queued_bytes: session.queuedBytes,
    connected_at: new Date(session.connectedAt).toISOString(),
  };
}

async function inSlices<Item>(items: Iterable<Item>, visit: (item: Item) => void): Promise<void> {
  const slices = new Slices(sliceMs);
  let visited = 0;
  for (const item of items) {
    visit(item);
    if (++visited % 256 === 0 && slices.over) await slices.next();
  }
}
