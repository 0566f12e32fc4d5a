import {
  ClientClosedError,
  type ClientError,
  ClientOptionsError,
  Connection,
  type ConnectionChange,
  ConnectionRefusedError,
  type ConnectionState,
  type ConnectionStatus,
  deferred,
  Emitter,
  isHopeless,
  ProtocolError,
  Requests,
  shouldReconnect as shouldReconnectAtAll,
} from '@roomcast/client-core';
import {
  type Channel,
  type Connected,
  encodeClientMessage,
  isId,
  isServerMessageType,
  parseServerMessage,
  type ServerMessage,
  shouldReconnect,
  shouldRefreshToken,
} from '@roomcast/vmax-protocol';
import { Api } from './api.js';
import { Credentials } from './credentials.js';
import { explain, refusals } from './diagnosis.js';
import { upgradeUrl } from './endpoint.js';
import type { VmaxEvents, VmaxListeners } from './events.js';
import { type ResolvedOptions, resolveOptions, type VmaxClientOptions } from './options.js';
import { Subscriptions } from './subscriptions.js';

/**
 * Connects and stays connected until `disconnect()`.
 * @throws ClientOptionsError for options that cannot work; everything later is an `error` event.
 */
export function createVmaxClient(options: VmaxClientOptions): VmaxClient {
  return new VmaxClient(options);
}

export class VmaxClient {
  /**
   * Resolves to the server's first welcome. Rejects when the server refuses for a reason that waiting does not mend
   * (credentials, origin, path), or the client is disconnected first. Need not be awaited.
   */
  readonly ready: Promise<Connected>;

  readonly #options: ResolvedOptions;
  readonly #emitter: Emitter<VmaxEvents>;
  readonly #api: Api;
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #pings: Requests<'PING', void>;
  readonly #ready = deferred<Connected>();
  #ping: Promise<number> | undefined;
  #own: readonly string[] = [];

  constructor(options: VmaxClientOptions) {
    this.#options = resolveOptions(options);
    const { endpoint, requestTimeoutMs: timeoutMs, clock, fetch } = this.#options;
    this.#emitter = new Emitter(options.onListenerError);
    this.#api = new Api({ apiUrl: endpoint.apiUrl, fetch, timeoutMs, clock });
    this.#pings = new Requests(timeoutMs, clock);
    this.#subscriptions = new Subscriptions({
      timeoutMs,
      clock,
      transmit: ({ action, channel }) => {
        this.#connection.transmit(encodeClientMessage({ type: action, payload: channel }));
      },
      onError: (error) => this.#emitter.emit('error', error),
    });
    this.ready = this.#ready.promise;
    // Whoever does not wait for it is told by the error event.
    this.ready.catch(() => {});
    this.#connection = this.#connect();
    this.#connection.connect();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get status(): ConnectionStatus {
    return this.#connection.status;
  }

  /** What this client is or will be subscribed to: `fleet:<id>`, `regulator:<id>`; the own fleet once the server has said so. */
  get subscriptions(): readonly string[] {
    return this.#subscriptions.list;
  }

  /** Returns the way to stop listening, which may be called again. What a listener throws goes to `onListenerError`. */
  on<E extends keyof VmaxListeners>(event: E, listener: VmaxListeners[E]): () => void;
  on(event: keyof VmaxListeners, listener: (payload: never, timestamp: never) => unknown): () => void {
    const call = listener as (...parameters: unknown[]) => unknown;
    return isServerMessageType(event)
      ? this.#emitter.on(event, ({ payload, timestamp }: ServerMessage) => call(payload, timestamp))
      : this.#emitter.on(event, (payload) => call(payload));
  }

  /**
   * Hears everything of a fleet, now and after every reconnection. Resolves when the server has confirmed it. Rejects with
   * `RequestRejectedError` when the server says no, and then does not want it any more; with `TimeoutError` when no answer
   * came in time, and then still wants it.
   */
  async subscribeToFleet(fleetId: string): Promise<void> {
    return this.#subscriptions.ask('SUBSCRIBE', fleet(fleetId));
  }

  /** The server's own subscription to the user's fleet is taken back too, on every connection. */
  async unsubscribeFromFleet(fleetId: string): Promise<void> {
    return this.#subscriptions.ask('UNSUBSCRIBE', fleet(fleetId));
  }

  /** As `subscribeToFleet`, for the status changes and the telemetry of one regulator. */
  async subscribeToRegulator(regulatorId: string): Promise<void> {
    return this.#subscriptions.ask('SUBSCRIBE', regulator(regulatorId));
  }

  async unsubscribeFromRegulator(regulatorId: string): Promise<void> {
    return this.#subscriptions.ask('UNSUBSCRIBE', regulator(regulatorId));
  }

  /** Milliseconds to the server and back. Rejects with `NotConnectedError` while there is no connection. */
  ping(): Promise<number> {
    if (this.state === 'closed') return Promise.reject(new ClientClosedError());
    // A PONG does not say which PING it answers: one at a time.
    this.#ping ??= this.#measure().finally(() => {
      this.#ping = undefined;
    });
    return this.#ping;
  }

  /** For good: everything that waits rejects. May be called in any state, and again. Resolves when the socket is closed. */
  disconnect(): Promise<void> {
    this.#end(new ClientClosedError());
    return this.#connection.close();
  }

  #connect(): Connection {
    const { endpoint, source, clock, heartbeatIntervalMs, heartbeatTimeoutMs, ...options } = this.#options;
    const credentials = 'login' in source ? new Credentials(source.login, this.#api, clock) : undefined;
    return new Connection(
      {
        open: options.open,
        token: 'token' in source ? source.token : (request) => credentials?.token(request) ?? '',
        target: (token = '') => ({ url: upgradeUrl(endpoint.socketUrl, token) }),
        refusals,
        policy: {
          shouldReconnect: ({ code }) => shouldReconnectAtAll(code) && shouldReconnect(code),
          shouldRefreshToken: ({ code }) => shouldRefreshToken(code),
        },
        // The server speaks first: CONNECTED.
        authenticate: () => 'wait',
        heartbeat: {
          intervalMs: heartbeatIntervalMs,
          timeoutMs: heartbeatTimeoutMs,
          beat: () => void this.ping().catch(() => {}),
        },
        baseMs: options.baseMs,
        capMs: options.capMs,
        minUptimeMs: options.minUptimeMs,
        connectTimeoutMs: options.connectTimeoutMs,
        random: options.random,
        clock,
      },
      {
        onChange: (change) => this.#changed(change),
        onMessage: (data) => this.#received(data),
        onError: (error) => void this.#failed(error),
      },
    );
  }

  #changed(change: ConnectionChange): void {
    const { state, previous, error } = change;
    if (state === 'open') this.#subscriptions.live(this.#own);
    if (previous === 'open') {
      this.#subscriptions.interrupted();
      this.#pings.interrupted(error ?? new ClientClosedError());
    }
    if (state === 'failed') this.#end(error ?? new ClientClosedError());
    this.#emitter.emit('connection', change);
  }

  #received(data: unknown): void {
    if (typeof data !== 'string') {
      this.#emitter.emit('error', new ProtocolError('a binary message', []));
      return;
    }
    const parsed = parseServerMessage(data);
    if (!parsed.ok) {
      this.#emitter.emit('error', new ProtocolError('a message', parsed.issues));
      return;
    }
    const message = parsed.value;
    this.#take(message);
    if (message.type === 'EVENTS_MISSED') this.#emitter.emit('missed', undefined);
    else this.#emitter.emit(message.type, message as never);
    this.#emitter.emit('all', message);
  }

  /** What a message means for the client itself. */
  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'CONNECTED':
        this.#own = message.payload.subscriptions;
        this.#ready.resolve(message.payload);
        this.#connection.accepted();
        break;
      case 'SUBSCRIBED':
        this.#subscriptions.confirmed('SUBSCRIBE', message.payload);
        break;
      case 'UNSUBSCRIBED':
        this.#subscriptions.confirmed('UNSUBSCRIBE', message.payload);
        break;
      case 'PONG':
        this.#pings.answered('PING', undefined);
        break;
      case 'ERROR':
        this.#subscriptions.error(message.payload.message);
        break;
    }
  }

  async #measure(): Promise<number> {
    const sentAt = performance.now();
    await this.#pings.ask('PING', 'PING', () => this.#connection.transmit(encodeClientMessage({ type: 'PING' })));
    return performance.now() - sentAt;
  }

  async #failed(error: ClientError): Promise<void> {
    const refused = error instanceof ConnectionRefusedError;
    const told = refused ? await explain(error, this.#api) : error;
    if (this.state === 'closed') return;
    if (refused && isHopeless(error.status)) this.#ready.reject(told);
    this.#emitter.emit('error', told);
  }

  #end(error: ClientError): void {
    this.#ready.reject(error);
    this.#subscriptions.end(error);
    this.#api.close();
  }
}

function fleet(fleetId: string): Channel {
  return { channel: 'fleet', fleetId: checked('fleetId', fleetId) };
}

function regulator(regulatorId: string): Channel {
  return { channel: 'regulator', regulatorId: checked('regulatorId', regulatorId) };
}

function checked(name: string, id: string): string {
  if (!isId(id)) throw new ClientOptionsError(name, 'expected a text of 1 to 128 characters, no control characters');
  return id;
}
