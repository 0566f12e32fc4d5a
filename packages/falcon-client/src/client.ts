import {
  ClientClosedError,
  type ClientError,
  ClientOptionsError,
  Connection,
  type ConnectionChange,
  ConnectionRefusedError,
  type Deferred,
  deferred,
  Emitter,
  isHopeless,
  type Listener,
  ProtocolError,
  shouldReconnect,
  type ConnectionState as WireState,
} from '@roomcast/client-core';
import {
  type ClientMessage,
  type ErrorCode,
  groupRoom,
  isAssigned,
  isId,
  isWelcome,
  type PresenceStatus,
  parseServerMessage,
  personalRoom,
  type ServerMessage,
} from '@roomcast/falcon-protocol';
import { shouldRefreshToken } from './close-codes.js';
import { type ConnectionState, connectionStateOf } from './connection-state.js';
import { MessageRejectedError } from './errors.js';
import type { FalconClientEvents } from './events.js';
import { type FalconClientOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { type PresenceOf, Presences } from './presences.js';
import { type RoomHold, Rooms } from './rooms.js';
import { Sender } from './sender.js';

/** Who the server says one is. */
export interface Welcome {
  readonly connectionId: string;
  readonly userId: string;
}

/**
 * Connects, and stays connected until `disconnect()`. An application needs one.
 * @throws ClientOptionsError for options that cannot work; everything later is an `error` event.
 */
export function createFalconClient(options: FalconClientOptions = {}): FalconClient {
  return new FalconClient(options);
}

export class FalconClient {
  /**
   * Resolves to the server's first welcome. Rejects when the server refuses for a reason that waiting does not mend (token,
   * origin, path), or the client is disconnected first. Need not be awaited.
   */
  readonly ready: Promise<Welcome>;

  readonly #options: ResolvedOptions;
  readonly #emitter: Emitter<FalconClientEvents>;
  readonly #inRooms: Emitter<Record<string, ServerMessage>>;
  readonly #ready: Deferred<Welcome> = deferred();
  readonly #sender: Sender;
  readonly #rooms: Rooms;
  readonly #presences: Presences;
  readonly #connection: Connection;
  #welcome: Welcome | undefined;
  /** An attempt has failed, or a connection was lost. */
  #again = false;
  #connections = 0;
  #flushing = false;
  /** Resolves when the server has handled all that a new connection began with. */
  #settled: Deferred<void> = deferred();

  constructor(options: FalconClientOptions = {}) {
    this.#options = resolveOptions(options);
    const { clock, random } = this.#options;
    this.#emitter = new Emitter(options.onListenerError);
    this.#inRooms = new Emitter(options.onListenerError);
    this.#sender = new Sender(this.#options, {
      transmit: (text) => this.#connection.transmit(text),
      hasFailed: () => this.state === 'failed',
      onError: (error) => this.#emitter.emit('error', error),
    });
    const host = {
      clock,
      random,
      backOff: this.#options,
      ask: (message: ClientMessage, done?: ErrorCode) => this.#sender.ask(message, done),
      changed: () => this.#flushSoon(),
      onRooms: (rooms: readonly string[]) => this.#emitter.emit('rooms', rooms),
      onLate: (room: string) => this.#emitter.emit('gap', { reason: 'missed', room }),
    };
    this.#rooms = new Rooms(host);
    this.#presences = new Presences(host);
    this.ready = this.#ready.promise;
    // Whoever does not wait for it is told by the error event.
    this.ready.catch(() => {});
    this.#connection = this.#connect();
    // Later, so that whoever made the client hears of it from the start.
    queueMicrotask(() => this.#connection.connect());
  }

  /** In detail; `connectionState` is for people. */
  get state(): WireState {
    return this.#connection.state;
  }

  get connectionState(): ConnectionState {
    return connectionStateOf(this.state, this.#again);
  }

  /** Who the server says one is; undefined before the first connection. */
  get userId(): string | undefined {
    return this.#welcome?.userId;
  }

  /** Of the connection of now, or the last one. */
  get connectionId(): string | undefined {
    return this.#welcome?.connectionId;
  }

  /** The rooms that the connection is in: assigned ones, and those joined. Another list whenever something is different. */
  get rooms(): readonly string[] {
    return this.#rooms.joined;
  }

  /** How the users are whose presence is followed, by their ids. Another map whenever something is different. */
  get presence(): ReadonlyMap<string, PresenceOf> {
    return this.#presences.known;
  }

  /** Messages that wait for the connection. */
  get queued(): number {
    return this.#sender.outbox.size;
  }

  /** Returns the way to stop listening, which may be called again. What a listener throws goes to `onListenerError`. */
  on<E extends keyof FalconClientEvents>(event: E, listener: Listener<FalconClientEvents[E]>): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Hears every message that comes in a room, without wishing to be in it. Returns the way to stop. */
  onRoom(room: string, listener: Listener<ServerMessage>): () => void {
    return this.#inRooms.on(room, listener);
  }

  /** Wants to be in a room, now and after every reconnection. Several callers may: the last to leave leaves it. */
  join(room: string): RoomHold {
    this.#assertNotClosed();
    return this.#rooms.hold(room);
  }

  /**
   * Follows how users are, now and after every reconnection: `presence` events and `presence`. Returns the way to stop.
   * @throws ClientOptionsError for what is no id: a server would refuse the others with it
   */
  followPresence(...userIds: readonly string[]): () => void {
    this.#assertNotClosed();
    const wrong = userIds.find((userId) => !isId(userId));
    if (wrong !== undefined) throw new ClientOptionsError('userIds', `expected ids, got ${JSON.stringify(wrong)}`);
    return this.#presences.follow(userIds);
  }

  /** Says how this user is, on this connection and those that follow it. Before the first one, waits for it. */
  async updatePresence(
    status: PresenceStatus,
    { metadata, userId }: { metadata?: Readonly<Record<string, unknown>>; userId?: string } = {},
  ): Promise<void> {
    const presence = { userId: userId ?? (await this.ready).userId, status, metadata };
    await this.sendMessage({ type: 'presence', data: presence });
  }

  /**
   * Sends a message, once: now, or in order when the connection stands. Resolves to the frame that acknowledges it: the
   * copy that its sender gets, or a `system` answer. Rejects with `MessageRejectedError` when the server refuses it, with
   * `TimeoutError` when nothing came in time, with `ConnectionLostError` when the connection ended first, in both of which
   * it may have arrived; with `QueueFullError`, `NotConnectedError` after it has `failed`, and `ClientClosedError` without
   * having sent it.
   */
  async sendMessage(message: ClientMessage): Promise<ServerMessage> {
    this.#assertNotClosed();
    // What was wished for before goes first: it may be the room of this message.
    this.#flush();
    const answer = await this.#sender.send(message);
    if (message.type === 'presence') this.#presences.said(message.data);
    return answer;
  }

  /** Tries at once, while waiting for the next attempt. In any other state there is nothing to do. */
  connect(): void {
    this.#assertNotClosed();
    this.#connection.connect();
  }

  /** For good, in any state, as often as you like: what waits rejects, nobody is called after it. Resolves when the socket is closed. */
  async disconnect(): Promise<void> {
    const closed = this.#connection.close();
    this.#end(new ClientClosedError());
    await closed;
  }

  #connect(): Connection {
    const { url, heartbeatIntervalMs, heartbeatTimeoutMs, ...options } = this.#options;
    return new Connection(
      {
        ...options,
        target: (token) => (token ? { url, headers: { Authorization: `Bearer ${token}` } } : { url }),
        refusals: { 401: 'the token, or in browsers the cookie falcon_auth_token, is missing or was not accepted' },
        policy: {
          shouldReconnect: ({ code }) => shouldReconnect(code),
          shouldRefreshToken: ({ code, status }) => status === 401 || shouldRefreshToken(code),
        },
        heartbeat: { intervalMs: heartbeatIntervalMs, timeoutMs: heartbeatTimeoutMs, beat: () => this.#beat() },
      },
      {
        onChange: (change) => this.#changed(change),
        onMessage: (data) => this.#message(data),
        onError: (error) => this.#failed(error),
      },
    );
  }

  #beat(): void {
    this.#connection.transmit('{"type":"heartbeat"}');
  }

  #changed(change: ConnectionChange): void {
    const { state, previous, error = new ClientClosedError() } = change;
    if (state === 'waiting') this.#again = true;
    if (previous === 'open') {
      this.#sender.interrupted(error);
      this.#rooms.interrupted();
      this.#presences.interrupted();
    }
    if (state === 'open') void this.#begin();
    if (state === 'failed') this.#end(error);
    this.#emitter.emit('connection', change);
    // Last: whoever hears of the connection may wish for rooms, which go before what is queued.
    if (state === 'open') this.#sender.outbox.opened();
  }

  /** Restores what is wanted; when the server has answered all of it, what happened meanwhile may be loaded. */
  async #begin(): Promise<void> {
    const connection = ++this.#connections;
    const reason = connection === 1 ? 'connected' : 'reconnected';
    this.#settled = deferred();
    const asked = [...this.#rooms.flush(), this.#presences.restore()];
    // Messages are handled in order: the answer to this one says that those before it, and the welcome, are done.
    this.#sender.outbox.request({ send: () => this.#beat(), drop: () => {} });
    await Promise.all([...asked, this.#settled.promise]);
    if (this.state === 'open' && connection === this.#connections)
      this.#emitter.emit('gap', { reason, room: undefined });
  }

  /** Once for all changes of a tick: React takes effects back and runs them again. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (!this.#flushing) return;
    this.#flushing = false;
    this.#rooms.settle();
    this.#presences.settle();
    if (this.state !== 'open') return;
    void this.#rooms.flush();
    void this.#presences.flush();
  }

  #message(data: unknown): void {
    const parsed = typeof data === 'string' ? parseServerMessage(data) : undefined;
    if (parsed?.ok !== true) {
      this.#emitter.emit('error', new ProtocolError(parsed ? 'a message' : 'a binary message', parsed?.issues ?? []));
      return;
    }
    const message = parsed.value;
    const { id, from, room } = message;
    // Anybody in a room may send a message with an id of ours.
    const mayAnswer = id !== undefined && (from === undefined || from === this.connectionId);
    const isAnswer = mayAnswer && this.#sender.answered(id, message);
    this.#take(message);
    if (message.type !== 'error') this.#emitter.emit(message.type, message as never);
    else if (!isAnswer) {
      this.#emitter.emit('error', new MessageRejectedError('a message', message.data.code, message.data.message));
    }
    if (room !== undefined) this.#inRooms.emit(room, message);
    this.#emitter.emit('all', message);
  }

  /** What a message means for the client itself. */
  #take(message: ServerMessage): void {
    const { type, room, data } = message;
    if (type === 'room_left' && data.connection_id === this.connectionId) {
      this.#rooms.left(data.room_id);
      return;
    }
    // The original does not tell a connection which rooms it is assigned to; what comes in one says so.
    if (room !== undefined && isAssigned(room)) this.#rooms.entered(room);
    switch (type) {
      case 'system_notification':
        if (!isWelcome(message)) break;
        this.#welcome = { connectionId: message.data.connection_id, userId: message.data.user_id };
        this.#rooms.entered(personalRoom(message.data.user_id));
        this.#ready.resolve(this.#welcome);
        break;
      case 'room_joined':
        if (data.connection_id === this.connectionId) this.#rooms.entered(data.room_id);
        break;
      case 'group_membership_change':
        if (data.user_id === this.userId && !data.joined) this.#rooms.left(groupRoom(data.group_id));
        break;
      case 'presence':
        this.#presences.told(data);
        break;
      case 'heartbeat':
        this.#settled.resolve();
        break;
      case 'system':
        if (data.action === 'missed') this.#emitter.emit('gap', { reason: 'missed', room: data.room });
        break;
    }
  }

  #failed(error: ClientError): void {
    const isRefused = error instanceof ConnectionRefusedError && isHopeless(error.status);
    if (isRefused) this.#ready.reject(error);
    this.#emitter.emit('error', error);
  }

  /** Nothing will come any more. */
  #end(error: ClientError): void {
    this.#ready.reject(error);
    this.#sender.outbox.end(error);
    this.#rooms.end(error);
  }

  #assertNotClosed(): void {
    if (this.state === 'closed') throw new ClientClosedError();
  }
}
