import type { Standing } from '@roomcast/engine';
import type { Namespace } from 'socket.io';
import {
  Adapter,
  type BroadcastOptions,
  ClusterAdapter,
  type ClusterMessage,
  type ClusterResponse,
} from 'socket.io-adapter';
import { hasBytes, pack, unpack } from './binary.js';
import type { Broadcast } from './messages.js';

/** What an adapter needs of the engine, for its namespace. */
export interface AdapterHost {
  /** Instances that can hear each other, this one included. */
  instances(): number;
  topicOf(room: string, namespace: string): string;
  /** Wants a topic's events: nothing where they arrive already, else a promise. */
  acquire(topic: string): Promise<void> | undefined;
  release(topic: string): void;
  /** Wants a topic until it is released: asked for again, whenever the bus comes back, until its events arrive. */
  stand(topic: string): Standing;
  /** Delivers a broadcast here and on every instance that wants the topic. `remote` is what travels. */
  broadcast(topic: string, local: Broadcast, remote: Broadcast): void;
  /** Resolves when the bus has it. */
  request(topic: string, message: ClusterMessage): Promise<void>;
  answer(topic: string, message: ClusterResponse): Promise<void>;
  joined(namespace: string, room: string, socket: string): void;
  left(namespace: string, room: string, socket: string): void;
}

/** What Socket.IO calls its sockets: 15 random bytes. */
const socketId = /^[\w-]{20}$/;

/** The part of Socket.IO's namespaces that its types keep to themselves: `Adapter.nsp` is `any`. */
type AnyNamespace = Pick<Namespace, 'name' | 'local'>;

/**
 * Socket.IO's adapter on the engine's topics. A room's topic is wanted while the room exists; what is emitted to rooms
 * travels by their topic and leaves on each instance by `local`. Only requests between instances go the way of
 * Socket.IO's own `ClusterAdapter`.
 */
export class TopicAdapter extends ClusterAdapter {
  readonly #host: AdapterHost;
  /** What was acquired for a room, which its deletion gives back: `topicOf` may answer otherwise by then. */
  readonly #topics = new Map<string, string>();
  readonly #standing = new Map<string, Promise<void>>();
  readonly #own: readonly Standing[];

  constructor(
    readonly namespace: AnyNamespace,
    host: AdapterHost,
  ) {
    super(namespace);
    this.#host = host;
    this.on('create-room', (room: string) => this.#created(room));
    this.on('delete-room', (room: string) => this.#deleted(room));
    this.on('join-room', (room: string, socket: string) => host.joined(namespace.name, room, socket));
    this.on('leave-room', (room: string, socket: string) => host.left(namespace.name, room, socket));
    this.#own = this.#ownTopics().map((topic) => host.stand(topic));
  }

  /** Resolves once requests and events for the whole namespace arrive; asks again where the bus has refused before. */
  async ready(): Promise<void> {
    await Promise.all(this.#own.map((standing) => standing.ready()));
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(this.#host.instances());
  }

  /**
   * Joins at once. Returns a promise where a room's events do not arrive yet: `await socket.join(room)` before telling a
   * client that it will get them. Where the bus refuses, the socket is taken out again and the promise rejects.
   */
  override addAll(id: string, rooms: Set<string>): Promise<void> | void {
    void super.addAll(id, rooms);
    const waits = [...rooms].filter((room) => this.#standing.has(room));
    if (waits.length === 0) return undefined;
    const standing = Promise.all(waits.map((room) => this.#standing.get(room))).then(
      () => undefined,
      (error: unknown) => {
        for (const room of waits) void this.del(id, room);
        throw error;
      },
    );
    // A program that does not wait for a join must not end because the bus is down.
    standing.catch(() => {});
    return standing;
  }

  /**
   * What is emitted to rooms of one topic travels by it, everything else by the topic of the namespace. Throws, rather
   * than rejects, where an argument can't be written: nobody looks at the promise.
   */
  override broadcast(packet: { data: unknown[] }, options: BroadcastOptions): Promise<void> {
    const { rooms, except, flags } = options;
    if (flags?.local === true) {
      Adapter.prototype.broadcast.call(this, packet, options);
      return Promise.resolve();
    }
    const { name } = this.namespace;
    const topic = this.#topicOf(rooms);
    const local: Broadcast = {
      kind: 'broadcast',
      namespace: name,
      rooms: [...rooms],
      except: [...(except ?? [])],
      volatile: flags?.volatile === true,
      data: packet.data,
    };
    const remote = hasBytes(packet.data) ? { ...local, data: [], packed: pack(packet.data) } : local;
    this.#host.broadcast(topic, local, remote);
    return Promise.resolve();
  }

  /** A broadcast that was published here or has come over the bus. */
  deliver({ rooms, except, volatile, data, packed }: Broadcast): void {
    const [event, ...args] = packed === undefined ? data : unpack(packed);
    let target = this.namespace.local.to([...rooms]).except([...except]);
    if (volatile) target = target.volatile;
    target.emit(event as string, ...args);
  }

  requested(message: ClusterMessage): void {
    this.onMessage(message);
  }

  answered(message: ClusterResponse): void {
    this.onResponse(message);
  }

  override close(): void {
    for (const room of [...this.#topics.keys()]) this.#deleted(room);
    for (const standing of this.#own) standing.stop();
    for (const topic of this.#ownTopics()) this.#host.release(topic);
  }

  protected async doPublish(message: ClusterMessage): Promise<string> {
    await this.#host.request(requestTopic(this.namespace.name), message);
    return '';
  }

  protected async doPublishResponse(to: string, response: ClusterResponse): Promise<void> {
    await this.#host.answer(answerTopic(to), withoutCredentials(response));
  }

  #ownTopics(): readonly string[] {
    const { name } = this.namespace;
    return [allTopic(name), requestTopic(name), answerTopic(this.uid)];
  }

  #topicOf(rooms: ReadonlySet<string>): string {
    const { name } = this.namespace;
    const topics = new Set<string>();
    for (const room of rooms) {
      // No instance wants a topic for each of its sockets: who is called by its id is looked for everywhere.
      if (socketId.test(room)) return allTopic(name);
      topics.add(this.#host.topicOf(room, name));
    }
    const [only] = topics;
    return topics.size === 1 && only !== undefined ? roomTopic(only) : allTopic(name);
  }

  #created(room: string): void {
    // Everybody has a room of its own, by its id: nothing is published there.
    if (this.sids.has(room)) return;
    const topic = roomTopic(this.#host.topicOf(room, this.namespace.name));
    this.#topics.set(room, topic);
    const standing = this.#host.acquire(topic);
    if (standing === undefined) return;
    this.#standing.set(room, standing);
    const settled = () => {
      if (this.#standing.get(room) === standing) this.#standing.delete(room);
    };
    standing.then(settled, () => {
      settled();
      // What was not acquired must not be given back.
      if (this.#topics.get(room) === topic) this.#topics.delete(room);
    });
  }

  #deleted(room: string): void {
    const topic = this.#topics.get(room);
    if (topic === undefined) return;
    this.#topics.delete(room);
    this.#standing.delete(room);
    this.#host.release(topic);
  }
}

/** The topic by which events of a room travel, from what `topicOf` says. */
export function roomTopic(topic: string): string {
  return `room.${topic}`;
}

function allTopic(namespace: string): string {
  return `all.${namespace}`;
}

function requestTopic(namespace: string): string {
  return `requests.${namespace}`;
}

function answerTopic(uid: string): string {
  return `answers.${uid}`;
}

/** What `fetchSockets` asks for holds the handshakes of sockets: tokens and cookies are nobody else's business. */
function withoutCredentials(response: ClusterResponse): ClusterResponse {
  if (!('sockets' in response.data)) return response;
  const sockets = response.data.sockets.map((socket) => {
    const { handshake, ...rest } = Object(socket);
    const { authorization: _authorization, cookie: _cookie, ...headers } = Object(handshake?.headers);
    return { ...rest, handshake: { ...handshake, auth: {}, query: {}, url: '', headers } };
  });
  // Only a part of the answer was replaced.
  return { ...response, data: { ...response.data, sockets } } as ClusterResponse;
}
