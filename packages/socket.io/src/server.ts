import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import {
  type Engine,
  type ForeignMount,
  type Gap,
  type Identity,
  type Mount,
  RoomcastError,
  type Session,
  type Spread,
  Standing,
} from '@roomcast/engine';
import { type Namespace, Server, type Socket } from 'socket.io';
import { type AdapterHost, roomTopic, TopicAdapter } from './adapter.js';
import type { Connection } from './connection.js';
import { EngineIo } from './engine-io.js';
import { type Message, parseMessage } from './messages.js';
import { type ResolvedOptions, resolveOptions, type SocketIoOptions } from './options.js';
import { nameOf, placeOf } from './places.js';
import { Reception } from './reception.js';

export interface AttachOptions {
  /** Requests that are left to the server's other listeners, whatever their path. @default none */
  leave?(request: IncomingMessage): boolean;
}

/** Serves Socket.IO from an engine. */
export function socketIo<Event = unknown>(engine: Engine, options: SocketIoOptions<Event> = {}): SocketIo<Event> {
  return new SocketIo(engine, options);
}

/**
 * Socket.IO on an engine. `io` is the official server: namespaces, rooms, events and acknowledgements are its own.
 * Connections are admitted, limited, identified, counted and drained by the engine, and what is emitted to rooms travels
 * to other instances by the engine's topics.
 */
export class SocketIo<Event = unknown> {
  readonly io: Server;
  /** Its sessions are the Engine.IO connections. */
  readonly mount: Mount<Connection, Message<unknown>>;
  readonly #engine: Engine;
  readonly #options: ResolvedOptions<Event>;
  readonly #paths: readonly string[];
  readonly #foreign: ForeignMount<Connection, Message<unknown>>;
  readonly #eio: EngineIo;
  readonly #reception: Reception;
  readonly #adapters = new Map<string, TopicAdapter>();

  constructor(engine: Engine, options: SocketIoOptions<Event>) {
    this.#engine = engine;
    this.#options = resolveOptions(options);
    this.#paths = [this.#options.path, `${this.#options.path}/`];
    this.#foreign = engine.mountForeign<Connection, Message<unknown>>({
      ...this.#options,
      paths: this.#paths,
      // Engine.IO has pings of its own, which reach polling clients too.
      pingIntervalMs: 0,
      upgrade: (request, stream, head) => this.#reception.upgrade(request, stream, head),
      receive: (message, topic) => this.#receive(message, topic),
      ...(this.#options.onGap && {
        onGap: (gap: Gap) => this.#options.onGap?.({ ...gap, topic: toldTopic(gap.topic) }),
      }),
      decode: (value) => parseMessage(value, this.#options.decode ?? ((event) => event)),
      wire: {
        farewell: (session, situation) => {
          session.data.leaving(situation);
          return undefined;
        },
        removed: (session, place) => this.#removed(session, place),
      },
    });
    this.mount = this.#foreign.mount;
    this.#eio = new EngineIo({ ...this.#options, ...this.mount.limits, pingIntervalMs: this.#options.pingIntervalMs });
    this.#reception = new Reception({
      eio: this.#eio,
      foreign: this.#foreign,
      instances: () => engine.cluster.members.size,
      ...this.#options,
    });
    const adapters = this.#adapters;
    const host = this.#adapterHost();
    this.io = new Server({
      serveClient: false,
      connectTimeout: this.#options.connectTimeoutMs,
      adapter: class extends TopicAdapter {
        constructor(namespace: Namespace) {
          super(namespace, host);
          adapters.set(namespace.name, this);
        }

        override close(): void {
          super.close();
          adapters.delete(this.namespace.name);
        }
      },
    });
    this.io.on('new_namespace', (namespace) => this.#serve(namespace));
    this.#serve(this.io.of('/'));
    this.io.bind(this.#eio);
  }

  /**
   * Takes the requests of an HTTP server for Socket.IO's path; all others go where they went before. Upgrades come by
   * `engine.attach(server)`. Call it after the server has its listeners. Returns how to undo it.
   */
  attach(server: HttpServer | HttpsServer, { leave }: AttachOptions = {}): () => void {
    const others = server.listeners('request');
    server.removeAllListeners('request');
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      if (leave?.(request) !== true && this.handleRequest(request, response)) return;
      for (const other of others) Reflect.apply(other, server, [request, response]);
    };
    server.on('request', onRequest);
    return () => {
      server.off('request', onRequest);
      for (const other of others) server.on('request', other as (...args: unknown[]) => void);
    };
  }

  /** Answers a request for Socket.IO's path. False, with nothing touched, for any other. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const read = this.#foreign.read(request);
    if (read === undefined || !this.#paths.includes(read.path)) return false;
    this.#reception.request(read, response);
    return true;
  }

  /** Resolves once requests, and events for whole namespaces, of other instances arrive here. */
  async ready(): Promise<void> {
    await Promise.all([this.mount.ready(), ...[...this.#adapters.values()].map((adapter) => adapter.ready())]);
  }

  /** The session of a socket's connection; undefined once it is gone. */
  sessionOf(socket: Socket): Session<Connection> | undefined {
    return this.#reception.of(socket.conn)?.session;
  }

  /**
   * Gives a socket's connection its identity, or a renewed one. False when the identity has as many connections as it may,
   * or the connection has ended.
   */
  identify(socket: Socket, identity: Identity): boolean {
    const session = this.sessionOf(socket);
    if (session === undefined) return false;
    const isNew = session.identity?.id !== identity.id;
    if (isNew && this.mount.refuses({ identity, data: session.data }) !== undefined) return false;
    return this.mount.identify(session, identity);
  }

  /**
   * Publishes an event by a topic: `receive` runs here, at once, and on every instance that wants the topic, because a
   * room that `topicOf` gives it has a member there, or because it follows it.
   */
  publish(topic: string, event: Event): Spread {
    return this.mount.publish(roomTopic(topic), { kind: 'event', event });
  }

  /** Wants a topic for good: for state that needs every event. */
  follow(topic: string): Promise<void> {
    return this.mount.follow(roomTopic(topic));
  }

  /** Ends it: Socket.IO's own timers and whatever connections are left. The engine's `drain` or `close` comes first. */
  async close(): Promise<void> {
    await this.io.close();
  }

  #serve(namespace: Namespace): void {
    namespace.use((socket, next) => {
      void this.#enter(socket, next);
    });
    namespace.on('connection', (socket) => {
      const connection = this.#reception.of(socket.conn);
      if (connection === undefined || connection.isIn(namespace.name)) {
        socket.conn.close();
        return;
      }
      connection.entered(socket);
      // Rooms that it joined before it was in the namespace.
      for (const room of socket.rooms) this.#joined(namespace.name, room, socket.id);
    });
  }

  /** Lets a socket into a namespace, or not. Who asks once more meanwhile would only make work. */
  async #enter(socket: Socket, next: (error?: Error) => void): Promise<void> {
    const connection = this.#reception.of(socket.conn);
    const { name } = socket.nsp;
    if (connection === undefined || connection.entering.has(name) || connection.isIn(name)) {
      next(new RoomcastError('the connection is in this namespace, or about to be'));
      return;
    }
    // Attempts are counted by connections: another one needs another connection, as stock clients make it.
    if (connection.sockets.size === 0 && connection.refused.has(name)) {
      next(new RoomcastError('the connection was refused: connect anew'));
      return;
    }
    connection.entering.add(name);
    const refusal = await this.#refusalOf(socket);
    connection.entering.delete(name);
    if (refusal !== undefined) connection.refused.add(name);
    next(refusal);
  }

  /** Why a socket is not let in; what it was identified as counts from now on where it is. */
  async #refusalOf(socket: Socket): Promise<Error | undefined> {
    try {
      const identity = await this.#options.authenticate?.(socket);
      if (identity === undefined || this.identify(socket, identity)) return undefined;
      return new RoomcastError(this.#options.tooManyConnections);
    } catch (error) {
      return error instanceof Error ? error : new RoomcastError(String(error));
    }
  }

  #adapterHost(): AdapterHost {
    const { mount } = this;
    const { topicOf = (room: string, namespace: string) => `${namespace}.${room}` } = this.#options;
    return {
      instances: () => this.#engine.cluster.members.size,
      topicOf: (room, namespace) => topicOf(room, namespace),
      acquire: (topic) => mount.topics.acquire(topic),
      release: (topic) => mount.topics.release(topic),
      stand: (topic) => new Standing(this.#engine.options.bus, async () => mount.topics.acquire(topic)),
      broadcast: (topic, local, remote) => {
        mount.counters.published++;
        this.#receive(local, topic);
        mount.topics.spread(topic, remote);
      },
      request: (topic, message) => mount.topics.spread(topic, { kind: 'request', message }).done,
      answer: (topic, message) => mount.topics.spread(topic, { kind: 'answer', message }).done,
      joined: (namespace, room, socket) => this.#joined(namespace, room, socket),
      left: (namespace, room, socket) => this.#left(namespace, room, socket),
    };
  }

  #receive(message: Message<unknown>, topic: string): void {
    switch (message.kind) {
      case 'event':
        // What `publish` was given, or `decode` let through.
        this.#options.receive?.(message.event as Event, toldTopic(topic));
        break;
      case 'broadcast':
        this.#adapters.get(message.namespace)?.deliver(message);
        break;
      case 'request':
        this.#adapters.get(message.message.nsp)?.requested(message.message);
        break;
      case 'answer':
        this.#adapters.get(message.message.nsp)?.answered(message.message);
        break;
    }
  }

  /** The engine knows who is in which room, for its lists and for taking rooms away. */
  #joined(namespace: string, room: string, id: string): void {
    const socket = this.io.of(namespace).sockets.get(id);
    const session = socket === undefined || room === id ? undefined : this.sessionOf(socket);
    if (session !== undefined) this.mount.rooms.join(session, nameOf(namespace, room));
  }

  #left(namespace: string, room: string, id: string): void {
    const socket = this.io.of(namespace).sockets.get(id);
    const session = socket === undefined || room === id ? undefined : this.sessionOf(socket);
    if (session !== undefined) this.mount.rooms.leave(session, nameOf(namespace, room));
  }

  #removed(session: Session<Connection>, place: string): void {
    for (const socket of session.data.sockets) {
      const room = placeOf(place, socket.nsp.name);
      if (room === undefined || !socket.rooms.has(room)) continue;
      void socket.leave(room);
      this.#options.removed?.(socket, room);
    }
  }
}

/** A topic as the application calls it. */
function toldTopic(topic: string): string {
  const prefix = roomTopic('');
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : topic;
}
