import {
  AttemptCounter,
  backOffMs,
  type ClientError,
  ConnectionLostError,
  ProtocolError,
  RequestRejectedError,
  shouldReconnect,
  TimeoutError,
} from '@roomcast/client-core';
import { killmailsTopic, reasonOf, type ServerEvent, serverEvents } from '@roomcast/killmails-protocol';
import { type Channel, Socket } from 'phoenix';
import { type ConnectionChange, type ConnectionState, canBecome } from './connection-state.js';
import type { Endpoint } from './endpoint.js';
import { ChannelEndedError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { Transport } from './transport.js';

export interface ConnectionHooks {
  /** What the join that is being sent carries. */
  joinPayload(): object;
  onLive(joinResponse: unknown): void;
  onJoinRejected(error: RequestRejectedError): void;
  /** What was in flight gets no answer any more. Called before the error is told. */
  onInterrupted(): void;
  onEvent(event: ServerEvent, payload: unknown): void;
  /** Kills were lost between instances of the server. */
  onMissed(): void;
  onChange(change: ConnectionChange): void;
  onError(error: ClientError): void;
  /** The server does not want this client, and never will. */
  onFinal(error: ClientError): void;
}

export interface Answer {
  ok(response: unknown): void;
  rejected(reason: string): void;
}

/** The socket and its one channel, over Phoenix's own client: always connecting again, telling where it stands. */
export class Connection {
  #state: ConnectionState = 'connecting';
  #channel: Channel | undefined;
  #lastError: ClientError | undefined;
  #rejoinInMs: number | undefined;
  #rejoinTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #socket: Socket;
  readonly #connects: AttemptCounter;
  readonly #joins: AttemptCounter;

  constructor(
    endpoint: Endpoint,
    private readonly options: ResolvedOptions,
    private readonly hooks: ConnectionHooks,
  ) {
    this.#connects = new AttemptCounter(options.minUptimeMs);
    this.#joins = new AttemptCounter(options.minUptimeMs);
    this.#socket = new Socket(endpoint.socketUrl, {
      params: endpoint.params,
      transport: this.#transport(endpoint.token),
      timeout: options.requestTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      reconnectAfterMs: () => this.#reconnectAfterMs(),
      rejoinAfterMs: () => this.#rejoinAfterMs(),
      // Only used for long polling; looking at the platform's own warns in some Node versions.
      sessionStorage: {},
    });
    this.#socket.onOpen(() => this.#join());
    this.#socket.connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Only while `live`. An answer that the connection takes with it never comes. */
  push(event: string, payload: object, answer: Answer): void {
    this.#channel
      ?.push(event, payload)
      .receive('ok', (response: unknown) => answer.ok(response))
      .receive('error', (response: unknown) => answer.rejected(reasonOf(response)));
  }

  /** Resolves when the socket is closed, or the server did not answer the close in time. */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#become('closed');
    clearTimeout(this.#rejoinTimer);
    // Not at once: Phoenix may be asking us how long to wait, and would then set its timer after it was cleared.
    return new Promise((resolve) => {
      queueMicrotask(() => {
        this.#channel?.leave();
        this.#socket.disconnect(resolve, 1000);
      });
    });
  }

  #transport(urlToken: string | undefined): new (url: string) => Transport {
    const { options } = this;
    const hooks = {
      token: options.token ?? urlToken,
      connectTimeoutMs: options.connectTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      open: options.openSocket,
      onAttempt: () => {
        if (this.#state !== 'connecting') this.#become('connecting');
      },
      onOpen: () => this.#connects.opened(),
      onEnd: (error: ClientError) => this.#ended(error),
      onFault: (cause: unknown) => this.hooks.onError(new ProtocolError('a frame', [], { cause })),
    };
    return class extends Transport {
      constructor(url: string) {
        super(url, hooks);
      }
    };
  }

  #ended(error: ClientError): void {
    this.#lastError = error;
    this.hooks.onInterrupted();
    if (error instanceof ConnectionLostError && !shouldReconnect(error.code)) this.hooks.onFinal(error);
    else this.hooks.onError(error);
  }

  /** Called by Phoenix when it knows that it will connect again. */
  #reconnectAfterMs(): number {
    const retryInMs = backOffMs(this.#connects.failed(), this.options, this.options.random);
    this.#become('waiting', { error: this.#lastError, retryInMs });
    return retryInMs;
  }

  /** Called by Phoenix when the channel failed, before it tells us so. */
  #rejoinAfterMs(): number {
    this.#rejoinInMs = backOffMs(this.#joins.failed(), this.options, this.options.random);
    return this.#rejoinInMs;
  }

  /** A channel joins again by itself, but not one that the server closed: then there is none. */
  #join(): void {
    if (this.#channel || !this.#socket.isConnected()) return;
    const channel = this.#socket.channel(killmailsTopic, () => {
      this.#become('joining');
      return this.hooks.joinPayload();
    });
    this.#channel = channel;
    for (const event of Object.keys(serverEvents) as ServerEvent[]) {
      channel.on(event, (payload: unknown) => this.hooks.onEvent(event, payload));
    }
    channel.on('events_missed', () => this.hooks.onMissed());
    channel.onError((reason: unknown) => {
      if (!isFromTransport(reason)) this.#channelEnded(new ChannelEndedError('phx_error', { cause: reason }));
    });
    channel.onClose(() => this.#channelClosed());
    channel
      .join()
      .receive('ok', (response: unknown) => {
        this.#joins.opened();
        this.#become('live');
        this.hooks.onLive(response);
      })
      .receive('error', (response: unknown) => {
        const error = new RequestRejectedError('phx_join', reasonOf(response));
        this.hooks.onJoinRejected(error);
        this.#channelEnded(error);
      })
      .receive('timeout', () => this.#channelEnded(new TimeoutError('phx_join', this.options.requestTimeoutMs)));
  }

  #channelEnded(error: ClientError): void {
    this.hooks.onInterrupted();
    this.#become('waiting', { error, retryInMs: this.#rejoinInMs });
    this.hooks.onError(error);
  }

  #channelClosed(): void {
    this.#channel = undefined;
    if (this.#state === 'closed') return;
    const retryInMs = this.#rejoinAfterMs();
    this.#rejoinTimer = setTimeout(() => this.#join(), retryInMs);
    this.#channelEnded(new ChannelEndedError('phx_close'));
  }

  #become(state: ConnectionState, why: Pick<ConnectionChange, 'error' | 'retryInMs'> = {}): void {
    const previous = this.#state;
    if (!canBecome(previous, state)) return;
    this.#state = state;
    this.hooks.onChange({ state, previous, ...why });
  }
}

/** Phoenix fails its channels itself when the connection ends; that was told already. */
function isFromTransport(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'source' in reason && reason.source === 'transport';
}
