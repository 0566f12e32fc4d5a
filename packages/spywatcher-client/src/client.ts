import {
  ClientClosedError,
  type ClientError,
  ClientOptionsError,
  Connection,
  type ConnectionChange,
  ConnectionLostError,
  ConnectionRefusedError,
  type ConnectionState,
  deferred,
  Emitter,
  isHopeless,
  type Listener,
  ProtocolError,
  type RefusalCauses,
} from '@roomcast/client-core';
import {
  type AnalyticsUpdate,
  type EventsMissed,
  isId,
  isServerEventName,
  parseServerEvent,
  type ServerEventName,
} from '@roomcast/spywatcher-protocol';
import { Credentials } from './credentials.js';
import { shouldRefreshToken } from './endings.js';
import { ServerError, SubscriptionDeniedError } from './errors.js';
import type { GuildEvent, ReceivedEvent, SpywatcherClientEvents } from './events.js';
import {
  type ResolvedOptions,
  resolveOptions,
  type SpywatcherClientOptions,
  type SpywatcherTokenProvider,
} from './options.js';
import { ReportedErrors } from './reported-errors.js';
import { SubscriptionSender } from './subscription-sender.js';
import { type Room, Subscriptions } from './subscriptions.js';
import { type Incoming, type Outgoing, Wire } from './wire.js';

const refusals: RefusalCauses = {
  400: 'it does not take this transport, or is several servers of which each request reaches another one',
  403: 'the server does not allow this origin',
  404: 'no Socket.IO answers at this path (option path)',
};

/**
 * Connects and keeps its subscriptions until `close()`. Each call makes a client of its own: an application that wants
 * one for all its parts calls `spywatcherClient`.
 * @throws ClientOptionsError for options that cannot work; everything later is an `error` event.
 */
export function createSpywatcherClient(options: SpywatcherClientOptions): SpywatcherClient {
  return new SpywatcherClient(options);
}

export class SpywatcherClient {
  /**
   * Resolves when the first connection is open. Rejects when the server refuses for a reason that waiting does not mend
   * (token, origin, path), or the client is closed first. Need not be awaited.
   */
  readonly ready: Promise<void>;

  readonly #options: ResolvedOptions;
  readonly #emitter: Emitter<SpywatcherClientEvents>;
  readonly #credentials: Credentials;
  readonly #subscriptions: Subscriptions;
  readonly #sender: SubscriptionSender;
  readonly #reportedErrors: ReportedErrors;
  readonly #ready = deferred();
  #connection: Connection;
  /** As it was told last. */
  #state: ConnectionState = 'idle';
  #invalidEvents = 0;
  #cancelRetry: (() => void) | undefined;
  /** Resolves when the connections before this one are closed. */
  #left: Promise<unknown> = Promise.resolve();

  constructor(options: SpywatcherClientOptions) {
    this.#options = resolveOptions(options);
    const { clock, maxEventsPerSecond, answerTimeoutMs } = this.#options;
    const { onListenerError } = options;
    this.#emitter = new Emitter(onListenerError);
    this.#credentials = new Credentials(options.token);
    this.#subscriptions = new Subscriptions({ clock, onListenerError, onChange: () => this.#sender.changed() });
    this.#sender = new SubscriptionSender({
      maxEventsPerSecond,
      answerTimeoutMs,
      clock,
      wanted: () => this.#subscriptions.wanted,
      transmit: (outgoing) => this.#transmit(outgoing),
      onError: (error) => this.#refused(error),
    });
    this.#reportedErrors = new ReportedErrors(clock, (reason) => this.#emitter.emit('error', new ServerError(reason)));
    this.ready = this.#ready.promise;
    // Whoever does not wait for it is told by the error event.
    this.ready.catch(() => {});
    this.#connection = this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What somebody follows, connected or not, each once. */
  get subscriptions(): readonly Room[] {
    return [...this.#subscriptions.wanted.values()].map(({ room }) => room);
  }

  /** What the server has refused on this connection, of what is followed. */
  get denials(): readonly SubscriptionDeniedError[] {
    return this.#sender.denials;
  }

  /** Events that came in a shape that the protocol does not allow; nobody was told of them but by `error`. */
  get invalidEvents(): number {
    return this.#invalidEvents;
  }

  /** Returns the way to stop listening, which may be called again. What a listener throws goes to `onListenerError`. */
  on<E extends keyof SpywatcherClientEvents>(event: E, listener: Listener<SpywatcherClientEvents[E]>): () => void {
    return this.#emitter.on(event, listener);
  }

  /**
   * Follows the events of a guild until what it returns is called; calling that again does nothing. The server is asked
   * once, however many follow the same guild, and again on each connection.
   * @throws ClientOptionsError for what can be no guild's id
   */
  subscribeToGuild(guildId: string, listener?: Listener<GuildEvent>): () => void {
    this.#assertUsable(guildId);
    return this.#subscriptions.add('guild', guildId, listener);
  }

  /**
   * Follows the analytics of a guild in the same way. Who comes later is told the last update.
   * @throws ClientOptionsError for what can be no guild's id
   */
  subscribeToAnalytics(guildId: string, listener?: Listener<AnalyticsUpdate>): () => void {
    this.#assertUsable(guildId);
    return this.#subscriptions.add('analytics', guildId, listener);
  }

  /**
   * Goes on with this token, over a new connection: servers look at it when a connection is made. For another user, or
   * after `failed`; a token that expires is replaced by giving a function as token.
   */
  authenticate(token: SpywatcherTokenProvider): void {
    this.#assertNotClosed();
    this.#credentials.use(token);
    this.#subscriptions.forget();
    // One that has not begun asks for the token when it does.
    if (this.#connection.state !== 'idle') this.#restart();
  }

  /** Connects again after `failed`, and at once while `waiting`. In any other state there is nothing to do. */
  connect(): void {
    this.#assertNotClosed();
    if (this.#connection.state === 'failed') this.#restart();
    else this.#connection.connect();
  }

  /** For good, in any state, as often as you like. Nobody is called after it. Resolves when the socket is closed. */
  async close(): Promise<void> {
    this.#ready.reject(new ClientClosedError());
    this.#cancelRetry?.();
    this.#sender.interrupted();
    this.#reportedErrors.clear();
    const closed = this.#connection.close();
    this.#subscriptions.clear();
    this.#emitter.clear();
    await Promise.all([this.#left, closed]);
  }

  #connect(): Connection {
    const { url, reconnection, reconnectionDelay, reconnectionDelayMax, ...options } = this.#options;
    let wire: Wire | undefined;
    const connection: Connection = new Connection(
      {
        ...options,
        baseMs: reconnectionDelay,
        capMs: reconnectionDelayMax,
        open: () => {
          const opening = new Wire(this.#options);
          wire = opening;
          return { socket: opening, refusalStatus: () => opening.failure?.status };
        },
        target: () => ({ url }),
        token: (request) => this.#credentials.next(request),
        refusals,
        policy: {
          shouldReconnect: ({ status }) => reconnection && (status === undefined || !wire?.failure?.retryAfterMs),
          shouldRefreshToken: ({ code }) => shouldRefreshToken(code),
        },
        authenticate: (token = '') => {
          this.#transmit({ token });
          return 'wait';
        },
        // What is wanted is told anew on each connection, so nothing has to wait.
        maxQueued: 0,
      },
      {
        onChange: (change) => this.#changed(connection, change, wire?.failure?.retryAfterMs),
        onMessage: (incoming) => this.#received(connection, incoming as Incoming),
        onError: (error) => this.#failed(error),
      },
    );
    // Later, so that whoever made the client hears of it from the start.
    queueMicrotask(() => connection.connect());
    return connection;
  }

  /** A connection that is to be another user's, or has failed, is replaced by a new one. */
  #restart(): void {
    const before = this.#connection;
    this.#cancelRetry?.();
    this.#sender.interrupted();
    this.#reportedErrors.flush();
    this.#connection = this.#connect();
    this.#left = Promise.all([this.#left, before.close()]);
  }

  #changed(connection: Connection, given: ConnectionChange, retryAfterMs: number | undefined): void {
    if (connection !== this.#connection) return;
    const change = given.state === 'failed' && retryAfterMs ? this.#waiting(given, retryAfterMs) : given;
    const { error } = change;
    if (error instanceof ConnectionLostError && shouldRefreshToken(error.code)) this.#credentials.refused(error);
    if (change.state === 'open') {
      this.#credentials.accepted();
      this.#sender.connected();
      this.#ready.resolve();
    } else if (change.previous === 'open') {
      this.#sender.interrupted();
    }
    const previous = this.#state;
    this.#state = change.state;
    this.#emitter.emit('connection', { ...change, previous });
  }

  /** A server that says how long it wants to be left alone counts whoever comes earlier against it. */
  #waiting(change: ConnectionChange, retryAfterMs: number): ConnectionChange {
    const { clock, random, reconnectionDelay } = this.#options;
    const retryInMs = retryAfterMs + Math.floor(random() * reconnectionDelay);
    this.#cancelRetry = clock.after(retryInMs, () => this.#restart());
    return { ...change, state: 'waiting', retryInMs };
  }

  #failed(error: ClientError): void {
    const isRefused = error instanceof ConnectionRefusedError && isHopeless(error.status);
    if (isRefused || this.#state === 'failed') this.#ready.reject(error);
    this.#emitter.emit('error', error);
  }

  #received(connection: Connection, incoming: Incoming): void {
    if (incoming.is === 'accepted') connection.accepted();
    else if (incoming.is === 'answer') this.#answered(incoming);
    else if (isServerEventName(incoming.name)) this.#event(incoming.name, incoming.data);
  }

  #answered(answer: Extract<Incoming, { is: 'answer' }>): void {
    this.#reportedErrors.answered(Object(answer.ack).message);
    this.#sender.answered(answer);
  }

  #event(name: ServerEventName, data: unknown): void {
    const parsed = parseServerEvent(name, data);
    if (!parsed.ok) {
      this.#invalidEvents++;
      this.#emitter.emit('error', new ProtocolError(name, parsed.issues));
    } else if (name === 'error') {
      this.#reportedErrors.heard((parsed.value as { message: string }).message, this.#sender.isWaiting);
    } else if (name === 'events:missed') {
      this.#emitter.emit('missed', parsed.value as EventsMissed);
    } else {
      // The data was checked as that of this event, which the compiler can't follow.
      this.#deliver({ event: name, data: parsed.value } as ReceivedEvent);
    }
  }

  #deliver(event: ReceivedEvent): void {
    this.#emitter.emit(event.event, event.data);
    this.#emitter.emit('event', event);
    this.#subscriptions.deliver(event);
  }

  #refused(error: ClientError): void {
    if (error instanceof SubscriptionDeniedError) this.#subscriptions.denied(error.room, error.guildId);
    this.#emitter.emit('error', error);
  }

  #transmit(outgoing: Outgoing): void {
    this.#connection.transmit(JSON.stringify(outgoing));
  }

  #assertUsable(guildId: string): void {
    this.#assertNotClosed();
    if (!isId(guildId)) {
      throw new ClientOptionsError('guildId', `expected the id of a guild, got ${JSON.stringify(guildId)}`);
    }
  }

  #assertNotClosed(): void {
    if (this.#state === 'closed') throw new ClientClosedError();
  }
}
