import { closeCodes, type WebSocketLike } from '@roomcast/client-core';
import {
  type ClientEventName,
  errorTexts,
  notifyMissedParameter,
  type ServerToClientEvents,
} from '@roomcast/spywatcher-protocol';
import { Manager, type Socket } from 'socket.io-client';
import { type Ending, refusedWith } from './endings.js';
import type { ResolvedOptions } from './options.js';
import { failureOf, type TransportFailure } from './transport-error.js';

/** What goes out: the token, first, then events. An answer is told by the event's id. */
export type Outgoing =
  | { readonly token: string }
  | { readonly event: ClientEventName; readonly guildId: string; readonly id: number };

/** What comes in. An answer without `ack` did not come in time. */
export type Incoming =
  | { readonly is: 'accepted' }
  | { readonly is: 'event'; readonly name: string; readonly data: unknown }
  | { readonly is: 'answer'; readonly id: number; readonly ack?: unknown };

/** Any answer: what it is worth is seen where it is used. */
type Emitted = Record<ClientEventName, (guildId: string, acknowledge: (ack: unknown) => void) => void>;

/** Longer than what ends an attempt from outside, so that an attempt has one end. */
const graceMs = 1_000;

/**
 * One Socket.IO connection in the shape of a WebSocket, so that what reconnects is the same as on the other wires. It is
 * open when the transport is; the first text holds the token, which joins the namespace. A new one is made for each
 * attempt: nothing that listened to an earlier connection is left.
 */
export class Wire implements WebSocketLike {
  readonly bufferedAmount = 0;
  binaryType = '';
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onerror: WebSocketLike['onerror'] = null;
  onclose: WebSocketLike['onclose'] = null;
  readonly #socket: Socket<ServerToClientEvents, Emitted>;
  #failure: TransportFailure | undefined;
  #ending: Ending | undefined;
  #hasExpired = false;

  constructor(private readonly options: ResolvedOptions) {
    const manager = new Manager<ServerToClientEvents, Emitted>(options.url, {
      path: options.path,
      query: { [notifyMissedParameter]: 'true' },
      transports: [...options.transports],
      // Where polling does not get through, no WebSocket will, and its error would hide that of polling, which says more.
      tryAllTransports: options.transports[0] === 'websocket',
      autoConnect: false,
      reconnection: false,
      timeout: options.connectTimeoutMs + graceMs,
    });
    this.#socket = manager.socket('/');
    this.#listen();
    manager.open((error) => (error ? this.#refused(error) : this.#opened(manager)));
  }

  /** What kept the transport from opening. */
  get failure(): TransportFailure | undefined {
    return this.#failure;
  }

  /** @param text an `Outgoing` */
  send(text: string): void {
    const outgoing = JSON.parse(text) as Outgoing;
    if ('token' in outgoing) this.#join(outgoing.token);
    else this.#emit(outgoing.event, outgoing.guildId, outgoing.id);
  }

  close(): void {
    this.#socket.disconnect();
  }

  #join(token: string): void {
    this.#socket.auth = token === '' ? {} : { token };
    this.#socket.connect();
  }

  #emit(event: ClientEventName, guildId: string, id: number): void {
    // Servers need not answer: without a time-out Socket.IO would keep what waits until the connection ends.
    this.#socket.timeout(this.options.answerTimeoutMs).emit(event, guildId, (error, ack) => {
      this.#tell(error ? { is: 'answer', id } : { is: 'answer', id, ack });
    });
  }

  #listen(): void {
    this.#socket.on('connect', () => this.#tell({ is: 'accepted' }));
    this.#socket.on('connect_error', ({ message }) => this.#over(refusedWith(message)));
    this.#socket.on('disconnect', (reason, details) => {
      // The farewell has to be sent first; then the transport tells its end.
      if (reason !== 'io client disconnect') this.#over(this.#lostBy(reason, details));
    });
    this.#socket.onAny((name: string, data: unknown) => {
      if (name === 'error' && Object(data).message === errorTexts.tokenExpired) this.#hasExpired = true;
      this.#tell({ is: 'event', name, data });
    });
  }

  #opened({ engine }: Manager): void {
    engine.on('close', (reason, details) => this.#over(this.#lostBy(reason, details)));
    this.onopen?.({} as never);
  }

  #refused(error: Error): void {
    this.#failure = failureOf(error);
    const { words, cause } = this.#failure;
    this.onerror?.({ error: words === undefined ? cause : new Error(words, { cause }) } as never);
    this.#over({ code: closeCodes.abnormal, reason: '' });
  }

  #lostBy(reason: string, details: unknown): Ending {
    if (this.#hasExpired) return refusedWith(errorTexts.tokenExpired);
    const { status, words } = failureOf(details);
    const answered = status === undefined ? '' : `, the server answered HTTP ${status}${words ? `: ${words}` : ''}`;
    const code = reason === 'io server disconnect' ? closeCodes.normal : closeCodes.abnormal;
    return { code, reason: `${reason}${answered}` };
  }

  /** The transport tells its end before Socket.IO, in the same tick, tells the reason: the last one that speaks is right. */
  #over(ending: Ending): void {
    if (this.#ending === undefined) queueMicrotask(() => this.onclose?.(this.#ending as never));
    this.#ending = ending;
  }

  #tell(incoming: Incoming): void {
    this.onmessage?.({ data: incoming } as never);
  }
}
