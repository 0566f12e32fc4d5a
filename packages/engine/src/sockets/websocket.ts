import type { Duplex } from 'node:stream';
import type { CloseReason } from '../close-reasons.js';
import { closeFrame, pingFrame, pongFrame } from '../delivery/frame.js';
import type { Session, SessionTransport } from '../rooms/session.js';
import { type FrameLimits, type FrameListener, FrameReader } from './frame-reader.js';
import type { Reception } from './reception.js';
import type { Message } from './wire.js';

/** - `open`: frames go both ways. - `closing`: our close is sent, the client's is awaited. - `over`: nothing is sent any more. */
type SocketState = 'open' | 'closing' | 'over';

/** What a session is counted under whose client went without a close. */
const abnormal: CloseReason = { code: 1006, reason: '' };

const servedBy = Symbol('the WebSocket of a stream');

/** A stream that is served as a WebSocket. */
interface ServedStream extends Duplex {
  [servedBy]: SessionSocket;
  setNoDelay?(): void;
  setTimeout?(ms: number): void;
}

/**
 * The server's end of a WebSocket (RFC 6455): what comes is read from the stream that the upgrade left us, whole frames
 * are written to it.
 *
 * It keeps as little as it can, since most connections are idle most of the time: no stream of its own, no table of
 * listeners, no closure and no timer. Where a `WebSocket` of `ws` with three listeners has 3.1 kB of heap, its stream
 * included, this and the session have 1.9 kB, and a connection takes a quarter less CPU to accept.
 */
export class SessionSocket implements SessionTransport, FrameListener {
  readonly #stream: ServedStream;
  readonly #frames: FrameReader;
  #reception!: Reception<unknown>;
  #state: SocketState = 'open';
  #closed = abnormal;

  constructor(stream: Duplex, limits: FrameLimits) {
    this.#stream = stream as ServedStream;
    this.#frames = new FrameReader(this, limits);
  }

  /** Answers the handshake, and hands what comes to the session's reception from now on; `head` has come already. */
  serve(reception: Reception<unknown>, answer: string, head: Buffer): void {
    const stream = this.#stream;
    this.#reception = reception;
    stream[servedBy] = this;
    stream.on('error', onError);
    stream.on('end', onEnd);
    stream.on('close', onClose);
    // A connection may be silent for as long as the session's limits allow, and small frames are not held back.
    stream.setTimeout?.(0);
    stream.setNoDelay?.();
    stream.write(answer, 'latin1');
    reception.opened();
    if (head.length > 0) stream.unshift(head);
    stream.on('data', onData);
  }

  get open(): boolean {
    return this.#state === 'open' && this.#stream.writable;
  }

  write(bytes: Buffer): boolean {
    const stream = this.#stream;
    // A write at or above the stream's high-water mark answers false even when the kernel took all of it at once.
    if (stream.write(bytes) || stream.writableLength === 0) return true;
    stream.once('drain', () => this.#session.drained());
    return false;
  }

  /** Sends our close; where the client's can't be read any more, that is the end. */
  close(code: number, reason: string): void {
    if (!this.open) return;
    this.#stream.write(closeFrame({ code, reason }));
    this.#state = 'closing';
    if (this.#frames.done) this.#end();
  }

  terminate(): void {
    this.#state = 'over';
    this.#stream.destroy();
  }

  ping(): void {
    if (this.open) this.#stream.write(pingFrame);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  read(bytes: Buffer): void {
    this.#frames.read(bytes);
  }

  message(message: Message): void {
    this.#reception.received(message);
  }

  pinged(payload: Buffer): void {
    this.#session.active();
    this.#session.reply(pongFrame(payload));
  }

  ponged(): void {
    this.#session.alive();
  }

  /** The client closes: it gets its own code back, ahead of what waits for a flush, and nothing after it. */
  closed(reason: CloseReason): void {
    this.#closed = reason;
    if (this.open) this.#stream.write(closeFrame(reason));
    this.#end();
  }

  broken(code: number): void {
    if (this.#state === 'open') this.#session.close({ code, reason: '' });
    else this.#end();
  }

  /** The client's half of the stream has ended. */
  streamEnded(): void {
    if (this.#state !== 'over') this.#end();
  }

  streamClosed(): void {
    this.#state = 'over';
    this.#reception.ended();
    this.#session.ended(this.#closed);
  }

  get #session(): Session<unknown> {
    return this.#reception.session;
  }

  /** Both sides have said what they had to. The client has the session's time to let go of the connection. */
  #end(): void {
    this.#state = 'over';
    this.#session.ending();
    this.#stream.end();
    this.#stream.resume();
  }
}

function onData(this: ServedStream, bytes: Buffer): void {
  this[servedBy].read(bytes);
}

function onEnd(this: ServedStream): void {
  this[servedBy].streamEnded();
}

function onClose(this: ServedStream): void {
  this[servedBy].streamClosed();
}

/** The end of the connection follows. */
function onError(): void {}
