import type { Cluster, Share } from '@roomcast/engine';
import {
  type ConnectionAnswer,
  type ConnectionsAnswer,
  type RoomAnswer,
  type RoomsAnswer,
  type RoomType,
  roomSubject,
  roomTypeOf,
} from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';

export interface Page {
  /** @default 1000 */
  limit?: number | undefined;
  /** The id before the page's first. */
  after?: string | undefined;
}

export interface ConnectionFilter {
  id?: string | undefined;
  user_id?: string | undefined;
  character_id?: number | undefined;
  room_id?: string | undefined;
}

export interface RoomFilter {
  type?: RoomType | undefined;
  /** The id of a connection or of a user. */
  member_id?: string | undefined;
}

export interface OverviewHost {
  name: string;
  cluster: Pick<Cluster, 'answer' | 'ask'>;
  /** The sessions here. */
  sessions(): Iterable<FalconSession>;
  /** What groups are called. */
  names: Share<string>;
  rooms(): ReadonlySet<string>;
  count(room: string): number;
}

/** Connections of one instance, the first after some id. */
interface Part {
  readonly connections: readonly ConnectionAnswer[];
  readonly total: number;
  /** There are further ones after these. */
  readonly more: boolean;
}

const defaultLimit = 1000;
/** What one answer between instances holds at most: they have a limit in characters. */
const maxPartConnections = 200;
const maxPartLength = 192 * 1024;

/** Who is connected, and which rooms there are, on all instances. */
export class Overview {
  readonly #question: string;

  constructor(readonly host: OverviewHost) {
    this.#question = `${host.name}.connections`;
    host.cluster.answer(this.#question, (question) => this.#part(Object(question) as ConnectionFilter & Page));
  }

  async connections(filter: ConnectionFilter = {}, page: Page = {}): Promise<ConnectionsAnswer> {
    const { limit = defaultLimit } = page;
    const connections: ConnectionAnswer[] = [];
    let { after } = page;
    let incomplete = false;
    for (;;) {
      const { answers, missing } = await this.host.cluster.ask<Part>(this.#question, { ...filter, after });
      const parts = [...answers.values()];
      incomplete ||= missing.size > 0;
      // What one instance has cut off may come before what another one has told.
      const [bound] = parts.flatMap((part) => (part.more ? [part.connections.at(-1)?.id ?? ''] : [])).sort();
      const told = parts.flatMap((part) => part.connections).sort(byId);
      connections.push(...told.filter(({ id }) => bound === undefined || id <= bound));
      after = bound;
      if (bound !== undefined && connections.length <= limit) continue;
      const next = connections.length > limit ? connections[limit - 1]?.id : undefined;
      return {
        connections: connections.slice(0, limit),
        total: parts.reduce((sum, part) => sum + part.total, 0),
        ...(next !== undefined && { next }),
        ...(incomplete && { incomplete: true }),
      };
    }
  }

  async connection(id: string): Promise<ConnectionAnswer | undefined> {
    return (await this.connections({ id })).connections[0];
  }

  async rooms({ type, member_id }: RoomFilter = {}, { limit = defaultLimit, after }: Page = {}): Promise<RoomsAnswer> {
    const of = member_id === undefined ? undefined : await this.#roomsOf(member_id);
    const all = [...(of?.rooms ?? this.host.rooms())].filter((id) => type === undefined || roomTypeOf(id) === type);
    const rest = all.filter((id) => after === undefined || id > after).sort();
    const page = rest.slice(0, limit);
    return {
      rooms: page.map((id) => this.#describe(id)),
      total: all.length,
      ...(rest.length > limit && { next: page.at(-1) as string }),
      ...(of?.incomplete && { incomplete: true }),
    };
  }

  room(id: string): RoomAnswer | undefined {
    return this.host.rooms().has(id) ? this.#describe(id) : undefined;
  }

  async #roomsOf(member: string): Promise<{ rooms: ReadonlySet<string>; incomplete: boolean }> {
    const rooms = new Set<string>();
    let incomplete = false;
    for (const filter of [{ id: member }, { user_id: member }]) {
      const answer = await this.connections(filter);
      incomplete ||= answer.incomplete === true;
      for (const connection of answer.connections) for (const room of connection.rooms) rooms.add(room);
    }
    return { rooms, incomplete };
  }

  #describe(id: string): RoomAnswer {
    const type = roomTypeOf(id);
    const [named] = type === 'group' ? this.host.names.values(roomSubject(id)) : [];
    return { id, type, name: named ?? roomSubject(id), member_count: this.host.count(id) };
  }

  #part({ after, ...filter }: ConnectionFilter & Page): Part {
    const found = [...this.host.sessions()].filter((session) => fits(session, filter));
    const rest = found.filter(({ id }) => after === undefined || id > after).sort(byId);
    const connections: ConnectionAnswer[] = [];
    let length = 0;
    for (const session of rest.slice(0, maxPartConnections)) {
      const connection = describe(session);
      length += JSON.stringify(connection).length;
      if (length > maxPartLength && connections.length > 0) break;
      connections.push(connection);
    }
    return { connections, total: found.length, more: connections.length < rest.length };
  }
}

function fits({ id, data, rooms }: FalconSession, filter: ConnectionFilter): boolean {
  return (
    (filter.id === undefined || id === filter.id) &&
    (filter.user_id === undefined || data.user.userId === filter.user_id) &&
    (filter.character_id === undefined || data.user.characterId === filter.character_id) &&
    (filter.room_id === undefined || rooms.has(filter.room_id))
  );
}

function describe({ id, data, rooms, connectedAt }: FalconSession): ConnectionAnswer {
  return {
    id,
    user_id: data.user.userId,
    character_id: data.user.characterId,
    character_name: data.user.characterName,
    rooms: [...rooms],
    created_at: new Date(connectedAt).toISOString(),
  };
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
