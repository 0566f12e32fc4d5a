import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { SessionTransport } from '../rooms/session.js';
import type { Reception } from './reception.js';

/** The close codes that `ws` ends a connection with when a message breaks a rule, by the code of its error. */
const receiveErrors: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};

const abnormal = 1006;

/**
 * A WebSocket that belongs to a session. `ws` parses, keeps the limits, answers pings and does the close handshake;
 * data frames are written to the stream beneath it, which is ours since the upgrade. Both write whole frames only.
 *
 * What `ws` emits is taken in `emit` itself: a table of listeners costs each connection 250 bytes and half a
 * microsecond a message, and nobody else listens.
 */
export class SessionSocket extends WebSocket implements SessionTransport {
  stream!: Duplex;
  reception!: Reception<unknown>;
  #receiveError = 0;

  /** Hands what comes to the session's reception from now on. */
  serve(stream: Duplex, reception: Reception<unknown>): void {
    this.stream = stream;
    this.reception = reception;
    reception.opened();
  }

  get open(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  write(bytes: Buffer): boolean {
    // A write at or above the stream's high-water mark answers false even when the kernel took all of it at once.
    if (this.stream.write(bytes) || this.stream.writableLength === 0) return true;
    this.stream.once('drain', () => this.reception.session.drained());
    return false;
  }

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    switch (event) {
      case 'message':
        this.#received(details[0] as Buffer, details[1] as boolean);
        return true;
      case 'ping':
        this.reception.session.active();
        return true;
      case 'pong':
        this.reception.session.alive();
        return true;
      case 'error':
        this.#failedToReceive(details[0] as NodeJS.ErrnoException);
        return true;
      case 'close':
        this.#closed(details[0] as number, details[1] as Buffer);
        return true;
      default:
        return false;
    }
  }

  #received(bytes: Buffer, isBinary: boolean): void {
    this.reception.received(isBinary ? bytes : bytes.toString('utf8'));
  }

  #failedToReceive({ code }: NodeJS.ErrnoException): void {
    if (code?.startsWith('WS_ERR_')) this.#receiveError = receiveErrors[code] ?? 1002;
  }

  /** Counted under what the client sent, or under what its last message was refused with. */
  #closed(code: number, reason: Buffer): void {
    const counted = code === abnormal && this.#receiveError !== 0 ? this.#receiveError : code;
    this.reception.ended();
    this.reception.session.ended({ code: counted, reason: reason.toString('utf8') });
  }
}
