import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import {
  coalesced,
  type Engine,
  type Gap,
  type Gateway,
  type Mount,
  type ParsedEvent,
  type Situation,
  type Spread,
} from '@roomcast/engine';
import { type AttachOptions, type SocketIo, socketIo } from '@roomcast/socket.io';
import {
  analyticsRoom,
  connectErrors,
  errorTexts,
  guildRoom,
  notifyMissedParameter,
  type PublishEvent,
  parsePublishEvent,
  parseRoom,
  type ServerEventName,
  type ServerEvents,
  type ServerToClientEvents,
} from '@roomcast/spywatcher-protocol';
import type { Socket } from 'socket.io';
import { Access } from './access.js';
import { Analytics } from './analytics/analytics.js';
import { Attempts } from './attempts.js';
import { authenticate, ConnectionRefused, identityOf } from './authentication.js';
import { impliedEvents } from './implied-events.js';
import { analyticsTopic, guildTopic, type Note, noteOf, parseNote } from './notes.js';
import { type ResolvedOptions, resolveOptions, type SpywatcherGatewayOptions } from './options.js';
import type { SavedSpywatcher } from './saved.js';
import { Subscriber, type SubscriberHost } from './subscriber.js';
import type { SpywatcherServer, SpywatcherSocket } from './types.js';
import { Updates } from './updates.js';

/** Engine.IO messages for each event that a socket may send: beyond that somebody sends what is none. */
const messagesPerEvent = 50;
/** Guilds whose members' activity is counted, and whose last analytics are kept for those who come. */
const maxGuilds = 10_000;

/** Serves SpyWatcher's Socket.IO API from an engine. */
export function spywatcherGateway(engine: Engine, options: SpywatcherGatewayOptions): SpywatcherGateway {
  return new SpywatcherGateway(engine, options);
}

export class SpywatcherGateway implements Gateway<PublishEvent> {
  readonly name: string;
  readonly io: SpywatcherServer;
  // biome-ignore lint/suspicious/noExplicitAny: what the sessions and events of Socket.IO hold is its own business.
  readonly mount: Mount<any, any>;
  readonly #engine: Engine;
  readonly #options: ResolvedOptions;
  readonly #realtime: SocketIo<Note>;
  readonly #access: Access;
  readonly #analytics: Analytics;
  readonly #updates: Updates;
  readonly #subscribers = new WeakMap<Socket, Subscriber>();

  constructor(engine: Engine, options: SpywatcherGatewayOptions) {
    this.#engine = engine;
    this.#options = resolveOptions(options);
    const { name, verify, throttleMs, maxMessages } = this.#options;
    this.name = name;
    this.#access = new Access(options.guildsOf, engine.logger);
    this.#analytics = new Analytics({ ...this.#options, maxGuilds });
    const attempts = new Attempts({
      name,
      maxPerMinute: this.#options.maxConnectsPerIpPerMinute,
      limiter: options.limiter,
      logger: engine.logger,
      clock: engine.options.clock,
    });
    this.#realtime = socketIo<Note>(engine, {
      ...this.#options,
      maxMessages: maxMessages * messagesPerEvent,
      tooManyConnections: connectErrors.tooManyConnections,
      guard: ({ ip }) => attempts.attempt(ip),
      authenticate: async (socket: SpywatcherSocket) => {
        socket.data.user = await authenticate(verify, socket.handshake.auth, engine.logger);
        const identity = identityOf(socket.data.user);
        // The verifier may have a leeway and a clock of its own; deadlines go by the engine's.
        if ((identity.expiresAt ?? Number.POSITIVE_INFINITY) > this.#now()) return identity;
        throw new ConnectionRefused(connectErrors.invalidToken);
      },
      farewell: (sockets, situation) => this.#farewell(sockets, situation),
      removed: (socket, room) => this.#removed(socket, room),
      topicOf: (room) => {
        const { kind, guildId } = parseRoom(room) ?? {};
        return kind === 'guild' && guildId !== undefined ? guildTopic(guildId) : analyticsTopic;
      },
      receive: (note) => this.#receive(note),
      decode: parseNote,
      onGap: (gap) => this.#missed(gap),
    });
    this.io = this.#realtime.io;
    this.mount = this.#realtime.mount;
    this.#updates = new Updates({
      name,
      clock: engine.options.clock,
      cluster: engine.cluster,
      throttleMs,
      maxGuilds,
      compute: (guildId) => {
        const data = this.#analytics.compute(guildId, this.#now());
        return { guildId, data, timestamp: data.timestamp };
      },
      send: (data) => this.#realtime.publish(analyticsTopic, { kind: 'update', guildId: data.guildId, data }),
    });
    if (options.saved !== undefined) this.restore(options.saved);
    this.io.on('connection', (socket) => this.#connected(socket));
  }

  /** Takes the polling requests of an HTTP server; `engine.attach` takes the upgrades. Returns how to undo it. */
  attach(server: HttpServer | HttpsServer, options?: AttachOptions): () => void {
    return this.#realtime.attach(server, options);
  }

  /** Resolves once the activity and events of other instances arrive here. */
  async ready(): Promise<void> {
    await Promise.all([this.#realtime.ready(), this.#realtime.follow(analyticsTopic)]);
  }

  /** Checks an event: `{guildId, event, data}` or `{guildId, activity}`. */
  parse(input: unknown): ParsedEvent<PublishEvent> {
    const parsed = parsePublishEvent(input);
    return parsed.ok ? { ok: true, event: parsed.value } : parsed;
  }

  /**
   * Sends an event to those who follow its guild, on every instance; activity is counted as well. What the protocol does
   * not name is left out once more. Throws `RoomcastError` where something that it names is missing.
   */
  publish(event: PublishEvent): Spread {
    const note = noteOf(event);
    return this.#realtime.publish(note.kind === 'event' ? guildTopic(event.guildId) : analyticsTopic, note);
  }

  /**
   * Asks again who may see what, here: sockets leave the rooms that they may not be in any more. While that is under way
   * it is done once more afterwards, however often it is asked for: a slow directory gets one question at a time.
   */
  readonly recheck = coalesced(() => this.#recheckAll());

  /** What survives a restart. */
  save(): SavedSpywatcher {
    return { version: 1, guilds: this.#analytics.saved(this.#now()), updates: this.#updates.saved() };
  }

  /** What was saved before a restart; what is known already stays as it is. */
  restore({ guilds, updates }: SavedSpywatcher): void {
    this.#analytics.restore(guilds);
    this.#updates.restore(updates);
  }

  /** Figures as they are, for metrics: members told apart, and bytes of counts and channels. */
  stats(): { readonly members: number; readonly analyticsBytes: number } {
    return { members: this.#analytics.members, analyticsBytes: this.#analytics.bytes };
  }

  /** Ends Socket.IO's and its own timers; the engine's `drain` or `close` comes first. */
  async close(): Promise<void> {
    this.#updates.stop();
    await this.#realtime.close();
  }

  readonly #now = (): number => this.#engine.options.clock.now();

  #connected(socket: SpywatcherSocket): void {
    const { maxMessages, messageWindowMs, maxRooms } = this.#options;
    const host: SubscriberHost = {
      access: this.#access,
      logger: this.#engine.logger,
      maxGuilds: maxRooms,
      maxMessages,
      messageWindowMs,
      now: this.#now,
      updates: this.#updates,
      disconnect: (flooding) => this.#realtime.sessionOf(flooding)?.dismiss('tooManyMessages'),
    };
    const subscriber = new Subscriber(socket, host);
    this.#subscribers.set(socket, subscriber);
    // Nothing goes on to listeners: there are none, and an event may have any name.
    socket.use((event) => subscriber.received(event));
  }

  async #recheckAll(): Promise<void> {
    const forbidden = new Map<string, Set<string>>();
    for (const socket of this.io.sockets.sockets.values()) {
      for (const room of socket.rooms) {
        const guildId = parseRoom(room)?.guildId;
        if (guildId === undefined || (await this.#access.may(socket.data.user, guildId))) continue;
        const rooms = forbidden.get(socket.id) ?? new Set();
        forbidden.set(socket.id, rooms.add(room));
      }
    }
    for (const [id, rooms] of forbidden) {
      const socket = this.io.sockets.sockets.get(id);
      for (const room of rooms) {
        if (socket === undefined) continue;
        void socket.leave(room);
        this.#removed(socket, room);
      }
    }
  }

  #receive(note: Note): void {
    const { guildId } = note;
    switch (note.kind) {
      case 'event':
        this.#emit(guildRoom(guildId), note.event, note.data);
        break;
      case 'activity':
        if (this.#analytics.record(guildId, note.activity, this.#now())) this.#updates.changed(guildId, 'compute');
        for (const [event, data] of impliedEvents(guildId, note.activity)) {
          this.#emit(guildRoom(guildId), event, data);
        }
        break;
      case 'analytics':
        this.#updates.changed(guildId, note.data);
        break;
      case 'update':
        this.#updates.sent(note.data);
        this.#emit(analyticsRoom(guildId), 'analytics:update', note.data);
        break;
    }
  }

  #emit<Name extends ServerEventName>(room: string, event: Name, data: ServerEvents[Name]): void {
    this.io.local.to(room).emit(event, ...([data] as Parameters<ServerToClientEvents[Name]>));
  }

  #farewell(sockets: Iterable<Socket>, situation: Situation): void {
    if (situation !== 'expired') return;
    for (const socket of sockets) socket.emit('error', { message: errorTexts.tokenExpired });
  }

  #removed(socket: Socket, room: string): void {
    const { kind, guildId } = parseRoom(room) ?? {};
    if (kind !== undefined && guildId !== undefined) this.#subscribers.get(socket)?.removed(kind, guildId);
  }

  /** Those who may have missed something, and asked to be told, can load the present state elsewhere. */
  #missed(gap: Gap): void {
    this.#engine.logger.warn({ mount: this.name, ...gap }, 'events of another instance were lost on the bus');
    const guildId = gap.topic.startsWith(guildTopic('')) ? gap.topic.slice(guildTopic('').length) : undefined;
    for (const socket of this.io.sockets.sockets.values()) {
      const isConcerned = guildId === undefined || socket.rooms.has(guildRoom(guildId));
      if (!isConcerned || socket.handshake.query[notifyMissedParameter] !== 'true') continue;
      socket.emit('events:missed', { guildId });
    }
  }
}
