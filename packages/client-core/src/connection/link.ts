import type { Clock } from '../clock.js';
import { describeClose } from '../close-codes.js';
import { ClientError, ConnectionLostError, ConnectionRefusedError } from '../errors.js';
import type { TokenProvider } from '../token.js';
import type { OpeningSocket, SocketOpener, Target, WebSocketLike } from '../web-socket.js';
import { type RefusalCauses, refusalOf, withoutQuery } from './refusal.js';

export interface LinkOptions {
  readonly open: SocketOpener;
  readonly token: TokenProvider | undefined;
  readonly target: (token: string | undefined) => Target | Promise<Target>;
  readonly refusals: RefusalCauses | undefined;
  readonly closeTimeoutMs: number;
  readonly clock: Clock;
}

export interface LinkEvents {
  /** The WebSocket is open; `token` is what it was opened with. */
  opened(token: string | undefined): void;
  message(data: unknown): void;
  /** The attempt failed, or the connection is over. The last event there is. */
  ended(error: ClientError): void;
}

type State =
  | { is: 'credentials' }
  | { is: 'opening' | 'open'; socket: WebSocketLike; where: string; cause: unknown }
  | { is: 'over' };

/** One connection, from getting the token to its end. Afterwards it is silent: what comes too late reaches nobody. */
export class Link {
  #state: State = { is: 'credentials' };
  #hasToken = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {}

  /** @param refresh whether the last token was refused */
  async dial(refresh: boolean): Promise<void> {
    const { token: provider, target: locate } = this.options;
    try {
      const token = typeof provider === 'function' ? await provider({ refresh }) : provider;
      if (this.#state.is !== 'credentials') return;
      this.#hasToken = true;
      const target = await locate(token);
      if (this.#state.is === 'credentials') this.#open(target, token);
    } catch (cause) {
      this.#end(cause instanceof ClientError ? cause : noToken(cause));
    }
  }

  /** Whether its provider gave the token. */
  get hasToken(): boolean {
    return this.#hasToken;
  }

  /** Never throws: what a broken socket does not take is lost, and its end is told. */
  send(text: string): void {
    if (this.#state.is !== 'open') return;
    try {
      this.#state.socket.send(text);
    } catch (error) {
      this.#state.cause = error;
      this.#state.socket.close();
    }
  }

  /** Bytes that were sent and wait in the socket. */
  get bufferedBytes(): number {
    return this.#state.is === 'open' ? this.#state.socket.bufferedAmount : 0;
  }

  /** Ends it politely. Resolves when the peer has agreed, or does not answer. */
  close(): Promise<void> {
    if (this.#state.is !== 'open') {
      this.discard();
      return Promise.resolve();
    }
    const { socket } = this.#state;
    this.#state = { is: 'over' };
    return farewell(socket, this.options);
  }

  /** Ends it at once, without a word to anybody. */
  discard(): void {
    if (this.#state.is === 'opening' || this.#state.is === 'open') drop(this.#state.socket);
    this.#state = { is: 'over' };
  }

  #open(target: Target, token: string | undefined): void {
    const where = withoutQuery(target.url);
    let opening: OpeningSocket;
    try {
      opening = this.options.open(target);
    } catch (cause) {
      this.#end(refusalOf(where, undefined, cause, this.options.refusals));
      return;
    }
    this.#state = { is: 'opening', socket: opening.socket, where, cause: undefined };
    this.#listen(opening, token);
  }

  #listen({ socket, refusalStatus }: OpeningSocket, token: string | undefined): void {
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#state.is !== 'opening') return;
      this.#state = { ...this.#state, is: 'open' };
      this.events.opened(token);
    };
    socket.onmessage = ({ data }: { data: unknown }) => this.events.message(data);
    socket.onerror = ({ error }: { error?: unknown }) => {
      if (this.#state.is === 'opening' || this.#state.is === 'open') this.#state.cause = error;
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      release(socket);
      if (this.#state.is === 'opening') {
        this.#end(refusalOf(this.#state.where, refusalStatus(), this.#state.cause, this.options.refusals));
      } else if (this.#state.is === 'open') {
        this.#end(lossOf(this.#state.where, code, String(reason), this.#state.cause));
      }
    };
  }

  #end(error: ClientError): void {
    if (this.#state.is === 'over') return;
    this.#state = { is: 'over' };
    this.events.ended(error);
  }
}

function noToken(cause: unknown): ConnectionRefusedError {
  return new ConnectionRefusedError('the token could not be had from its provider', { cause });
}

function lossOf(where: string, code: number, reason: string, cause: unknown): ConnectionLostError {
  const message = `the connection to ${where} was closed with ${describeClose(code)}${reason && `: ${reason}`}`;
  return new ConnectionLostError(code, reason, message, { cause });
}

/** Lets go of a socket that is closed. */
function release(socket: WebSocketLike): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = null;
}

/** Lets go of a socket that is not closed yet, and hears nothing of it but its end. */
function mute(socket: WebSocketLike, onclose: () => void): void {
  release(socket);
  // `ws` reports being ended early as an error, which somebody has to listen for.
  socket.onerror = () => {};
  socket.onclose = onclose;
}

function drop(socket: WebSocketLike): void {
  mute(socket, () => release(socket));
  if (socket.terminate) socket.terminate();
  else socket.close();
}

function farewell(socket: WebSocketLike, { clock, closeTimeoutMs }: LinkOptions): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(closeTimeoutMs, () => {
      drop(socket);
      resolve();
    });
    mute(socket, () => {
      cancel();
      release(socket);
      resolve();
    });
    socket.close(1000);
  });
}
