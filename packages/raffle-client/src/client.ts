import {
  ClientClosedError,
  ClientError,
  Connection,
  type ConnectionChange,
  ConnectionRefusedError,
  type ConnectionState,
  deferred,
  Emitter,
  isHopeless,
  type Listener,
  ProtocolError,
} from '@roomcast/client-core';
import { parseServerMessage, type Subscription, type SubscriptionRequest } from '@roomcast/raffle-protocol';
import { shouldReconnect, shouldRefreshToken } from './close-codes.js';
import { Credentials } from './credentials.js';
import type { EventOf, RaffleClientEvents, ReceivedEvent } from './events.js';
import { checkedFilters } from './filters.js';
import { clientMessage } from './messages.js';
import { type RaffleClientOptions, type RaffleTokenProvider, type ResolvedOptions, resolveOptions } from './options.js';
import { SubscriptionSender } from './subscription-sender.js';
import { Subscriptions } from './subscriptions.js';

/**
 * Connects and follows events until `close()`.
 * @throws ClientOptionsError for options that cannot work; everything later is an `error` event.
 */
export function createRaffleClient(options: RaffleClientOptions): RaffleClient {
  return new RaffleClient(options);
}

export class RaffleClient {
  /**
   * Resolves when the first connection is open: the token was taken, and what is wanted told. Rejects when the server
   * refuses for a reason that waiting does not mend (token, origin, path), or the client is closed first. Need not be
   * awaited.
   */
  readonly ready: Promise<void>;

  readonly #options: ResolvedOptions;
  readonly #emitter: Emitter<RaffleClientEvents>;
  readonly #credentials: Credentials;
  readonly #subscriptions: Subscriptions;
  readonly #sender: SubscriptionSender;
  readonly #ready = deferred();
  #connection: Connection;
  /** The state that was told last. */
  #told: ConnectionState = 'idle';
  /** Resolves when the connections before this one are closed. */
  #left: Promise<unknown> = Promise.resolve();

  constructor(options: RaffleClientOptions) {
    this.#options = resolveOptions(options);
    const { maxSubscriptions, clock } = this.#options;
    this.#emitter = new Emitter(options.onListenerError);
    this.#credentials = new Credentials(options.token);
    this.#subscriptions = new Subscriptions(() => this.#sender.changed(), options.onListenerError);
    this.#sender = new SubscriptionSender({
      maxSubscriptions,
      clock,
      wanted: () => this.#subscriptions.wanted,
      isAuthenticated: () => this.#credentials.has,
      transmit: (text) => this.#connection.transmit(text),
      onError: (error) => this.#emitter.emit('error', error),
    });
    this.ready = this.#ready.promise;
    // Whoever does not wait for it is told by the error event.
    this.ready.catch(() => {});
    this.#connection = this.#connect();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** All that is wanted, connected or not: the list of `setSubscriptions` and what `subscribe` added, each once. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions.wanted;
  }

  /** Returns the way to stop listening, which may be called again. What a listener throws goes to `onListenerError`. */
  on<E extends keyof RaffleClientEvents>(event: E, listener: Listener<RaffleClientEvents[E]>): () => void {
    return this.#emitter.on(event, listener);
  }

  /**
   * Replaces the list of what is wanted, apart from what `subscribe` added. Events are told by `on`.
   * @throws ClientOptionsError for an entry that cannot be; the list then stays as it was
   */
  setSubscriptions(list: readonly SubscriptionRequest[]): void {
    this.#assertNotClosed();
    this.#subscriptions.replace(checkedFilters('subscriptions', list));
  }

  /**
   * Wants these too, and calls the handler once for each event that any of the filters is for. Returns the way to stop,
   * which may be called again; what nobody wants any more is no longer asked for.
   * @throws ClientOptionsError for a filter that cannot be
   */
  subscribe<const F extends SubscriptionRequest>(
    filter: F | readonly F[],
    handler: (event: EventOf<F>) => unknown,
  ): () => void {
    this.#assertNotClosed();
    const list: readonly SubscriptionRequest[] = Array.isArray(filter) ? filter : [filter];
    // Only events of the filters' types reach it.
    return this.#subscriptions.add(checkedFilters('filter', list), handler as Listener<ReceivedEvent>);
  }

  /**
   * From now on is this user. A connection without a user becomes theirs, one that is theirs already is good for as
   * long as the new token; after `failed` it connects again. For another user call `signOut()` first: a server closes
   * a connection that changes hands.
   */
  authenticate(token: RaffleTokenProvider): void {
    this.#assertNotClosed();
    this.#credentials.use(token);
    const connection = this.#connection;
    if (connection.state === 'open') void this.#renew(connection);
    else if (connection.state === 'waiting') connection.connect();
    // One that has not begun asks for the token when it does.
    else if (connection.state !== 'idle') this.#restart();
  }

  /** From now on is nobody, over a new connection. The subscriptions stay, and bring public events. */
  signOut(): void {
    this.#assertNotClosed();
    this.#credentials.use(undefined);
    const { state } = this.#connection;
    const isNobodys = state === 'idle' || (state === 'open' && !this.#credentials.has);
    if (!isNobodys) this.#restart();
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
    this.#sender.interrupted();
    const closed = this.#connection.close();
    this.#subscriptions.clear();
    this.#emitter.clear();
    await Promise.all([this.#left, closed]);
  }

  #connect(): Connection {
    const { url, heartbeatIntervalMs, heartbeatTimeoutMs, ...options } = this.#options;
    const connection: Connection = new Connection(
      {
        ...options,
        target: () => ({ url }),
        token: (request) => this.#credentials.next(request),
        policy: {
          shouldReconnect: ({ code }) => shouldReconnect(code),
          shouldRefreshToken: ({ code }) => shouldRefreshToken(code),
        },
        authenticate: (token) => this.#introduce(connection, token),
        heartbeat: {
          intervalMs: heartbeatIntervalMs,
          timeoutMs: heartbeatTimeoutMs,
          beat: () => connection.transmit(clientMessage('ping', {})),
        },
        // What is wanted is told anew by each connection, so nothing has to wait.
        maxQueued: 0,
      },
      {
        onChange: (change) => this.#changed(connection, change),
        onMessage: (data) => this.#message(connection, data),
        onError: (error) => this.#failed(error),
      },
    );
    // Later, so that whoever made the client hears of it from the start.
    queueMicrotask(() => connection.connect());
    return connection;
  }

  /** A connection that changes its user, or has failed, is replaced by a new one. */
  #restart(): void {
    const before = this.#connection;
    this.#sender.interrupted();
    this.#connection = this.#connect();
    this.#left = Promise.all([this.#left, before.close()]);
  }

  /**
   * Who this is, then what it wants. A good token is not answered, so a ping follows: messages are handled in order,
   * and its pong says that all before it was taken.
   */
  #introduce(connection: Connection, token: string | undefined): 'done' | 'wait' {
    if (token) connection.transmit(clientMessage('auth', { token }));
    this.#sender.connected();
    if (!token) return 'done';
    connection.transmit(clientMessage('ping', {}));
    return 'wait';
  }

  async #renew(connection: Connection): Promise<void> {
    try {
      const token = await this.#credentials.next({ refresh: false });
      if (connection !== this.#connection) return;
      if (token) connection.transmit(clientMessage('auth', { token }));
      else this.#restart();
    } catch (cause) {
      this.#emitter.emit('error', new ClientError('the token could not be had from its provider', { cause }));
    }
  }

  #changed(connection: Connection, change: ConnectionChange): void {
    if (connection !== this.#connection) return;
    if (change.state === 'open') {
      this.#credentials.accepted();
      this.#ready.resolve();
    } else if (change.previous === 'open') {
      this.#sender.interrupted();
    }
    const previous = this.#told;
    this.#told = change.state;
    this.#emitter.emit('connection', { ...change, previous });
  }

  #failed(error: ClientError): void {
    const isRefused = error instanceof ConnectionRefusedError && isHopeless(error.status);
    if (isRefused || this.#connection.state === 'failed') this.#ready.reject(error);
    this.#emitter.emit('error', error);
  }

  #message(connection: Connection, data: unknown): void {
    const parsed = typeof data === 'string' ? parseServerMessage(data) : undefined;
    if (parsed?.ok !== true) {
      this.#emitter.emit('error', new ProtocolError(parsed ? 'a message' : 'a binary message', parsed?.issues ?? []));
    } else if (parsed.value.message_type === 'pong') {
      connection.accepted();
    } else if (parsed.value.message_type === 'events_missed') {
      this.#emitter.emit('missed', undefined);
    } else {
      this.#deliver(parsed.value);
    }
  }

  #deliver(event: ReceivedEvent): void {
    this.#emitter.emit(event.message_type, event);
    this.#emitter.emit('event', event);
    this.#subscriptions.deliver(event);
  }

  #assertNotClosed(): void {
    if (this.#connection.state === 'closed') throw new ClientClosedError();
  }
}
