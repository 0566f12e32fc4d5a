import {
  AsyncQueue,
  ClientClosedError,
  type ClientError,
  ClientOptionsError,
  ConnectionRefusedError,
  deferred,
  Emitter,
  isHopeless,
  type Listener,
  ProtocolError,
  type RequestRejectedError,
} from '@roomcast/client-core';
import {
  type Issue,
  type Killmail,
  parseKillCountUpdate,
  parseKillmailUpdate,
  parseReply,
  type ServerEvent,
  type StatusReply,
} from '@roomcast/killmails-protocol';
import { Connection } from './connection.js';
import type { ConnectionState } from './connection-state.js';
import { parseEndpoint } from './endpoint.js';
import type { KillmailsEvents } from './events.js';
import { type KillmailsClientOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { Requests } from './requests.js';
import { Subscriptions } from './subscriptions.js';

/**
 * Connects and follows kills until `close()`.
 * @throws ClientOptionsError for options that cannot work; everything later is an `error` event.
 */
export function createKillmailsClient(options: KillmailsClientOptions): KillmailsClient {
  return new KillmailsClient(options);
}

export class KillmailsClient implements AsyncIterable<Killmail> {
  /**
   * Resolves when kills first arrive. Rejects when the server refuses for a reason that waiting does not mend (token,
   * path, a rejected join), or the client is closed first; unless closed it keeps trying all the same. Need not be awaited.
   */
  readonly ready: Promise<void>;

  readonly #options: ResolvedOptions;
  readonly #emitter: Emitter<KillmailsEvents>;
  readonly #requests: Requests;
  readonly #systems: Subscriptions;
  readonly #characters: Subscriptions;
  readonly #connection: Connection;
  readonly #queues = new Set<AsyncQueue<Killmail>>();
  readonly #ready = deferred();
  readonly #closed = deferred();
  #isClosed = false;

  constructor(options: KillmailsClientOptions) {
    this.#options = resolveOptions(options);
    const endpoint = parseEndpoint(options.url);
    if (endpoint.token !== undefined && options.token !== undefined) {
      throw new ClientOptionsError('token', 'expected it either here or in the url, got both');
    }
    this.#emitter = new Emitter(options.onListenerError);
    this.#requests = new Requests(this.#options.requestTimeoutMs, (event, payload, answer) =>
      this.#connection.push(event, payload, answer),
    );
    this.#systems = new Subscriptions('systems', this.#options.systems, this.#requests);
    this.#characters = new Subscriptions('characterIds', this.#options.characterIds, this.#requests);
    this.ready = this.#ready.promise;
    // Whoever does not wait for it is told by the error event.
    this.ready.catch(() => {});
    this.#connection = new Connection(endpoint, this.#options, {
      joinPayload: () => this.#joinPayload(),
      onLive: (response) => this.#live(response),
      onJoinRejected: (error) => this.#joinRejected(error),
      onInterrupted: () => this.#requests.interrupted(),
      onEvent: (event, payload) => this.#event(event, payload),
      onMissed: () => this.#emitter.emit('missed', undefined),
      onChange: (change) => this.#emitter.emit('connection', change),
      onError: (error) => this.#error(error),
      onFinal: (error) => {
        this.#error(error);
        void this.close();
      },
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** The systems that are wanted, connected or not. */
  get systems(): readonly number[] {
    return this.#systems.wishes.list;
  }

  /** The characters that are wanted, connected or not. */
  get characterIds(): readonly number[] {
    return this.#characters.wishes.list;
  }

  /** Returns the way to stop listening, which may be called again. What a listener throws goes to `onListenerError`. */
  on<E extends keyof KillmailsEvents>(event: E, listener: Listener<KillmailsEvents[E]>): () => void {
    return this.#emitter.on(event, listener);
  }

  /**
   * Follows more systems, now and after every reconnection. Resolves to all that the server has for this client.
   * Rejects with `RequestRejectedError` when the server says no, and then does not want them any more; with
   * `TimeoutError` when no answer came in time, and then still wants them.
   */
  subscribe(systems: readonly number[]): Promise<readonly number[]> {
    return this.#systems.subscribe(systems);
  }

  unsubscribe(systems: readonly number[]): Promise<readonly number[]> {
    return this.#systems.unsubscribe(systems);
  }

  /** As `subscribe`, for characters, as victim or attacker. The API's first servers do not know them. */
  subscribeCharacters(characterIds: readonly number[]): Promise<readonly number[]> {
    return this.#characters.subscribe(characterIds);
  }

  unsubscribeCharacters(characterIds: readonly number[]): Promise<readonly number[]> {
    return this.#characters.unsubscribe(characterIds);
  }

  /** What the server knows of this client. */
  async status(): Promise<StatusReply> {
    const { response } = await this.#requests.send('get_status', {}, false);
    const reply = parseReply('get_status', response);
    if (!reply.ok) throw new ProtocolError('the reply to get_status', reply.issues);
    return reply.value;
  }

  /** Kills from now on, for a `for await` loop; each call has its own buffer. */
  kills(): AsyncQueue<Killmail> {
    const queue: AsyncQueue<Killmail> = new AsyncQueue({
      capacity: this.#options.bufferSize,
      onDrop: (killmail) => this.#emitter.emit('overflow', { killmail, dropped: queue.dropped }),
      onEnd: () => this.#queues.delete(queue),
    });
    this.#queues.add(queue);
    if (this.#isClosed) queue.end();
    return queue;
  }

  [Symbol.asyncIterator](): AsyncQueue<Killmail> {
    return this.kills();
  }

  /**
   * Ends everything, for good: requests reject, loops end. May be called in any state, and again. Resolves when the
   * socket is closed.
   */
  close(): Promise<void> {
    if (!this.#isClosed) {
      // Noted before anything is told: a listener may call this again.
      this.#isClosed = true;
      this.#ready.reject(new ClientClosedError());
      this.#requests.close();
      for (const queue of [...this.#queues]) queue.end();
      this.#closed.resolve(this.#connection.close());
    }
    return this.#closed.promise;
  }

  #joinPayload(): object {
    this.#requests.joinSent();
    this.#systems.wishes.joinSent();
    this.#characters.wishes.joinSent();
    return {
      systems: this.systems,
      character_ids: this.#characters.wishes.everUsed ? this.characterIds : undefined,
      preload: this.#options.preload,
      notify_missed: true,
    };
  }

  #live(response: unknown): void {
    this.#systems.wishes.joinAccepted();
    this.#characters.wishes.joinAccepted();
    this.#requests.live(response);
    this.#ready.resolve();
    const reply = parseReply('phx_join', response);
    if (!reply.ok) this.#unexpected('the reply to phx_join', reply.issues);
  }

  #joinRejected(error: RequestRejectedError): void {
    this.#systems.wishes.joinRejected();
    this.#characters.wishes.joinRejected();
    this.#requests.joinRejected(error.reason);
    this.#ready.reject(error);
  }

  #event(event: ServerEvent, payload: unknown): void {
    if (event === 'killmail_update') this.#killmailUpdate(payload);
    else this.#killCountUpdate(payload);
  }

  #killmailUpdate(payload: unknown): void {
    const parsed = parseKillmailUpdate(payload);
    if (!parsed.ok) {
      this.#unexpected('killmail_update', parsed.issues);
      return;
    }
    const { update, leftOut } = parsed.value;
    if (leftOut.length > 0) this.#unexpected('killmail_update', leftOut);
    this.#emitter.emit('killmail_update', update);
    const { system_id: systemId, preload, timestamp } = update;
    for (const killmail of update.killmails) {
      // A listener may have closed the client at the kill before.
      if (this.#isClosed) return;
      this.#emitter.emit('killmail', { killmail, systemId, preload, timestamp });
      for (const queue of this.#queues) queue.push(killmail);
    }
  }

  #killCountUpdate(payload: unknown): void {
    const parsed = parseKillCountUpdate(payload);
    if (parsed.ok) this.#emitter.emit('kill_count_update', parsed.value);
    else this.#unexpected('kill_count_update', parsed.issues);
  }

  #unexpected(event: string, issues: readonly Issue[]): void {
    this.#error(new ProtocolError(event, issues));
  }

  #error(error: ClientError): void {
    if (error instanceof ConnectionRefusedError && isHopeless(error.status)) this.#ready.reject(error);
    this.#emitter.emit('error', error);
  }
}
