import {
  type ClientError,
  ConnectionLostError,
  ConnectionRefusedError,
  describeClose,
  type OpeningSocket,
  type Provider,
  provide,
  refusalOf,
  type SocketOpener,
  TimeoutError,
  type WebSocketLike,
} from '@roomcast/client-core';
import { refusalCauses } from './refusal.js';

export interface TransportHooks {
  /** Read anew for each transport; undefined connects without a token. */
  readonly token: Provider<string> | undefined;
  readonly connectTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly open: SocketOpener;
  /** An attempt begins. */
  onAttempt(): void;
  onOpen(): void;
  /** The attempt failed, or the connection ended, without the client asking for it. Called before Phoenix hears of it. */
  onEnd(error: ClientError): void;
  /** Phoenix could not work with what came. */
  onFault(error: unknown): void;
}

type State = 'credentials' | 'opening' | 'open' | 'closing' | 'closed';

const readyStates: Record<State, number> = { credentials: 0, opening: 0, open: 1, closing: 2, closed: 3 };

type Handler<T> = ((event: T) => void) | null;

/**
 * What Phoenix's client takes for a WebSocket: it fetches the token first, which Phoenix could only do synchronously,
 * notes why a connection ended, and keeps exceptions out of the socket's event handlers.
 */
export class Transport {
  onopen: Handler<object> = null;
  onmessage: Handler<{ data: unknown }> = null;
  onerror: Handler<{ error: unknown }> = null;
  onclose: Handler<{ code: number; reason: string }> = null;
  binaryType = 'arraybuffer';

  #state: State = 'credentials';
  #opening: OpeningSocket | undefined;
  #cause: unknown;
  readonly #deadline: ReturnType<typeof setTimeout>;

  constructor(
    private readonly url: string,
    private readonly hooks: TransportHooks,
  ) {
    hooks.onAttempt();
    const { connectTimeoutMs } = hooks;
    this.#deadline = setTimeout(() => this.#refuse(new TimeoutError('connecting', connectTimeoutMs)), connectTimeoutMs);
    void this.#begin();
  }

  get readyState(): number {
    return readyStates[this.#state];
  }

  get bufferedAmount(): number {
    return this.#opening?.socket.bufferedAmount ?? 0;
  }

  send(data: string): void {
    this.#opening?.socket.send(data);
  }

  /** Phoenix ends the connection: because it was told to, or because a heartbeat was not answered. */
  close(code?: number, reason?: string): void {
    clearTimeout(this.#deadline);
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#opening?.socket.close(code, reason);
      if (reason === 'heartbeat timeout') {
        this.hooks.onEnd(new TimeoutError('a heartbeat', this.hooks.heartbeatIntervalMs));
      }
    } else if (this.#state === 'credentials' || this.#state === 'opening') {
      this.#state = 'closed';
      this.#abandon();
    }
  }

  async #begin(): Promise<void> {
    try {
      // Always later: Phoenix sets its handlers after constructing this.
      const token = await (this.hooks.token === undefined ? undefined : provide(this.hooks.token));
      if (this.#state === 'credentials') this.#open(token);
    } catch (cause) {
      this.#refuse(new ConnectionRefusedError('the token could not be had from its provider', { cause }));
    }
  }

  #open(token: string | undefined): void {
    const url = new URL(this.url);
    if (token !== undefined) url.searchParams.set('token', token);
    this.#state = 'opening';
    try {
      this.#opening = this.hooks.open({ url: url.href });
      this.#listen(this.#opening.socket);
    } catch (cause) {
      this.#refuse(refusalOf(this.#where(), undefined, cause, refusalCauses));
    }
  }

  #listen(socket: WebSocketLike): void {
    socket.binaryType = this.binaryType;
    socket.onopen = () => {
      clearTimeout(this.#deadline);
      this.#state = 'open';
      this.hooks.onOpen();
      this.#tell(this.onopen, {});
    };
    socket.onmessage = (event: { data: unknown }) => this.#tell(this.onmessage, event);
    socket.onerror = (event: { error?: unknown }) => {
      this.#cause = event.error;
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => this.#closed(code, String(reason));
  }

  #closed(code: number, reason: string): void {
    if (this.#state === 'opening') {
      this.#refuse(refusalOf(this.#where(), this.#opening?.refusalStatus(), this.#cause, refusalCauses));
      return;
    }
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    if (wasOpen) {
      const message = `the connection to ${this.#where()} was closed with ${describeClose(code)}${reason && `: ${reason}`}`;
      this.hooks.onEnd(new ConnectionLostError(code, reason, message, { cause: this.#cause }));
    }
    this.#tell(this.onclose, { code, reason });
  }

  #refuse(error: ClientError): void {
    if (this.#state !== 'credentials' && this.#state !== 'opening') return;
    clearTimeout(this.#deadline);
    this.#state = 'closed';
    this.#abandon();
    this.hooks.onEnd(error);
    this.#tell(this.onerror, { error });
    this.#tell(this.onclose, { code: 1006, reason: '' });
  }

  /** Lets go of a socket that is not open yet. `ws` reports that as an error, which nobody must miss a listener for. */
  #abandon(): void {
    const socket = this.#opening?.socket;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = () => {};
    socket.close();
  }

  #tell<T>(handler: Handler<T>, event: T): void {
    try {
      handler?.(event);
    } catch (error) {
      this.hooks.onFault(error);
    }
  }

  /** The URL without its query: the query holds the token. */
  #where(): string {
    const { origin, pathname } = new URL(this.url);
    return `${origin}${pathname}`;
  }
}
