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
 * Listeners are shared functions that find the session through `this`: a closure for each would cost every connection
 * memory for nothing.
 */
export class SessionSocket extends WebSocket implements SessionTransport {
  stream!: Duplex;
  reception!: Reception<unknown>;
  #receiveError = 0;

  /** Starts listening, and hands what comes to the session's reception. */
  serve(stream: Duplex, reception: Reception<unknown>): void {
    this.stream = stream;
    this.reception = reception;
    this.on('message', onMessage);
    this.on('ping', onPing);
    this.on('pong', onPong);
    this.on('error', onError);
    this.on('close', onClose);
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

  /** The code to count a close under: what the client sent, or what its last message was refused with. */
  closeCode(code: number): number {
    return code === abnormal && this.#receiveError !== 0 ? this.#receiveError : code;
  }

  failedToReceive(error: NodeJS.ErrnoException): void {
    if (error.code?.startsWith('WS_ERR_')) this.#receiveError = receiveErrors[error.code] ?? 1002;
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  const bytes = data as Buffer;
  (this as SessionSocket).reception.received(isBinary ? bytes : bytes.toString('utf8'));
}

function onPing(this: WebSocket): void {
  (this as SessionSocket).reception.session.active();
}

function onPong(this: WebSocket): void {
  (this as SessionSocket).reception.session.alive();
}

function onError(this: WebSocket, error: Error): void {
  (this as SessionSocket).failedToReceive(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  const socket = this as SessionSocket;
  socket.reception.ended();
  socket.reception.session.ended({ code: socket.closeCode(code), reason: reason.toString('utf8') });
}
