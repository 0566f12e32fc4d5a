import type { Engine, Gap, Gateway, Mount, ParsedEvent, Selection, Spread } from '@roomcast/engine';
import {
  type FalconEvent,
  momentOf,
  parsePublishEvent,
  personalRoom,
  type StatusAnswer,
} from '@roomcast/falcon-protocol';
import { type Authenticated, Authentication, type CredentialHeaders } from './authentication.js';
import type { Client, FalconSession } from './client.js';
import { Direct } from './direct.js';
import { Figures } from './figures.js';
import { frameOf, Replies, type Told } from './frames.js';
import { commonTopic, type MemberNews, type News, parseNews, roomOfTopic, topicOf } from './news.js';
import { type FalconGatewayOptions, resolveOptions } from './options.js';
import { Overview } from './overview.js';
import { Presences } from './presences.js';
import { memberFrame, memberUpdate, RoomNews } from './room-news.js';
import { Rooms } from './rooms.js';
import { FalconWire } from './wire.js';

/** Serves the go-falcon WebSocket API from an engine. */
export function falconGateway(engine: Engine, options: FalconGatewayOptions): FalconGateway {
  return new FalconGateway(engine, options);
}

export class FalconGateway implements Gateway<FalconEvent> {
  readonly name: string;
  readonly mount: Mount<Client, News>;
  /** Who is connected, and which rooms there are, on all instances. */
  readonly overview: Overview;
  readonly #engine: Engine;
  readonly #authentication: Authentication;
  readonly #connections = new Map<string, FalconSession>();
  readonly #rooms: Rooms;
  readonly #roomNews: RoomNews;
  readonly #presences: Presences;
  readonly #figures: Figures;

  constructor(engine: Engine, options: FalconGatewayOptions) {
    const resolved = resolveOptions(options);
    const { name, path, directory, maxDataBytes, maxPresences, presenceGraceMs } = resolved;
    const {
      cluster,
      logger,
      options: { clock },
    } = engine;
    this.name = name;
    this.#engine = engine;
    this.#authentication = new Authentication(resolved.verify, resolved.origins ?? ['same-host'], logger);
    const names = cluster.share<string>(`${name}.names`);
    const connection = (id: string) => this.#connections.get(id);
    this.#rooms = new Rooms({
      directory,
      logger,
      names,
      sessions: () => this.mount.sessions,
      sessionsOf: (userId) => this.mount.sessionsOf(userId) ?? [],
    });
    this.#roomNews = new RoomNews(name, {
      cluster,
      clock,
      publish: (member) => void this.mount.publish(topicOf(member.room), { for: 'member', member }),
      tellCount: (room, count) => this.#tellCount(room, count),
    });
    this.#presences = new Presences(name, {
      cluster,
      clock,
      graceMs: presenceGraceMs,
      tell: (sessions, data) => this.#deliver({ sessions }, { type: 'presence', data, at: clock.now() }),
    });
    const wire = new FalconWire({
      authentication: this.#authentication,
      rooms: this.#rooms,
      presences: this.#presences,
      direct: new Direct({ name, cluster, connection, now: () => clock.now() }),
      replies: new Replies(() => clock.now()),
      logger,
      maxDataBytes,
      maxPresences,
      now: () => clock.now(),
      opened: (session) => this.#opened(session),
      closed: (session) => void this.#connections.delete(session.id),
      publish: (room, told) => void this.mount.publish(topicOf(room), { for: 'room', of: room, told }),
    });
    this.mount = engine.mount<Client, News>({
      ...resolved,
      paths: path,
      wire,
      membership: {
        joined: (room, session) => this.#roomNews.joined(room, session),
        left: (room, session) => this.#roomNews.left(room, session),
        deleted: (room) => this.#rooms.deleted(room),
      },
      receive: (news) => this.#receive(news),
      decode: parseNews,
      onGap: (gap) => this.#gap(gap),
    });
    this.overview = new Overview({
      name,
      cluster,
      names,
      sessions: () => this.#connections.values(),
      rooms: () => this.#roomNews.rooms(),
      count: (room) => this.#roomNews.count(room),
    });
    this.#figures = new Figures(engine, name, {
      stats: () => this.mount.stats(),
      rooms: () => this.#roomNews.rooms().size,
    });
    // Awaited by `ready()`, which reports a failure.
    this.mount.follow(commonTopic).catch(() => {});
  }

  /** Resolves once what other instances publish for everybody arrives here; asks again where the bus has refused before. */
  ready(): Promise<void> {
    return this.mount.follow(commonTopic);
  }

  /** Checks an event: `{type, data, room?, to?, user_id?, id?, timestamp?}`. */
  parse(input: unknown): ParsedEvent<FalconEvent> {
    const parsed = parsePublishEvent(input);
    return parsed.ok ? { ok: true, event: parsed.value } : parsed;
  }

  /** Delivers an event, on every instance, to whom it is for. A change of somebody's groups changes the rooms too. */
  publish(event: FalconEvent): Spread {
    const news = newsOf(event, this.#engine.options.clock.now());
    return this.mount.publish(news.for === 'room' ? topicOf(news.of) : commonTopic, news);
  }

  /** How many connections an event would be for now, on all instances. To one connection: whether it is there. */
  async recipients({ room, to, user_id }: Pick<FalconEvent, 'room' | 'to' | 'user_id'>): Promise<number> {
    if (room !== undefined) return this.#roomNews.count(room);
    if (user_id !== undefined) return this.#presences.connections(user_id);
    if (to === undefined) return this.#figures.active();
    return (await this.overview.connection(to)) === undefined ? 0 : 1;
  }

  /** Asks the directory again about everybody who is connected here: for when its answers may have changed. */
  recheck(): Promise<void> {
    return this.#rooms.recheck();
  }

  /** What `GET /websocket/status` answers. */
  status(): StatusAnswer {
    return this.#figures.read();
  }

  /** Who sends a request, told by its headers as for a connection. */
  authenticate(headers: CredentialHeaders): Promise<Authenticated> {
    return this.#authentication.of(headers);
  }

  #opened(session: FalconSession): void {
    this.#connections.set(session.id, session);
    session.data.depart = this.#presences.arrive(session.data.user.userId);
    this.#figures.opened();
  }

  #receive(news: News): void {
    switch (news.for) {
      case 'everybody':
        this.#deliver({ sessions: this.#connections.values() }, news.told);
        break;
      case 'connection': {
        const session = this.#connections.get(news.of);
        if (session !== undefined) this.#deliver({ sessions: [session] }, news.told);
        break;
      }
      case 'followers':
        this.#deliver({ sessions: this.#presences.followersOf(news.of) ?? [] }, news.told);
        break;
      case 'room':
        this.#deliver({ rooms: [news.of] }, news.told);
        if (news.told.type === 'group_membership_change') this.#rooms.change(news.told.data);
        break;
      case 'member':
        this.#receiveMember(news.member);
        break;
    }
  }

  /** The connection itself was told when it came or went. */
  #receiveMember(news: MemberNews): void {
    const except = this.#connections.get(news.connection);
    const selection = { rooms: [news.room], ...(except !== undefined && { except }) };
    this.#deliver(selection, memberFrame(news));
    this.#deliver(selection, memberUpdate(news));
  }

  #tellCount(room: string, count: number): void {
    const data = { action: 'member_count', room_id: room, member_count: count } as const;
    this.#deliver({ rooms: [room] }, { type: 'room_update', room, data, at: this.#engine.options.clock.now() });
  }

  #deliver(selection: Selection<Client>, told: Told): void {
    this.mount.deliver(selection, { encode: () => frameOf(told) });
  }

  /** Tells those who may have missed something, and asked to be told, that they should load the present state. */
  #gap(gap: Gap): void {
    this.#engine.logger.warn({ mount: this.name, ...gap }, 'events of another instance were lost on the bus');
    const room = roomOfTopic(gap.topic);
    const concerned = room === undefined ? this.#connections.values() : (this.mount.rooms.members(room) ?? []);
    const sessions = [...concerned].filter(({ data }) => data.notifyMissed);
    const at = this.#engine.options.clock.now();
    this.#deliver({ sessions }, { type: 'system', data: { action: 'missed', room }, at });
  }
}

/** An event as it travels: by whom it is for. */
function newsOf(event: FalconEvent, now: number): News {
  const { type, data, room, to, user_id: userId, id, timestamp } = event;
  const told = { type, data, room, to, id, at: momentOf(timestamp) ?? now } as Told;
  if (event.type === 'user_profile_update' || event.type === 'group_membership_change') {
    return { for: 'room', of: personalRoom(event.data.user_id), told };
  }
  if (room !== undefined) return { for: 'room', of: room, told };
  if (to !== undefined) return { for: 'connection', of: to, told };
  if (userId !== undefined)
    return { for: 'room', of: personalRoom(userId), told: { ...told, room: personalRoom(userId) } };
  return event.type === 'presence' ? { for: 'followers', of: event.data.userId, told } : { for: 'everybody', told };
}
