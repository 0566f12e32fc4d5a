import type { CloseReason } from '../close-reasons.js';
import type { BlockedQueue, Held } from '../delivery/budget.js';
import type { Flusher } from '../delivery/flush.js';
import { type Newcomer, Session, type SessionHost, type SessionTransport } from './session.js';

/** A socket that another library owns. */
export interface ForeignSocket {
  /** Ends it after what it has been handed; where that takes longer than 5 s, `terminate` follows. */
  close(reason: CloseReason): void;
  /** Ends it at once. */
  terminate(): void;
}

/** Within one tick so many times what may wait: a burst is held against nobody whose socket takes it. */
const burstFactor = 8;

/**
 * A session whose bytes another library writes. It is told of every packet that waits (`hold`), when those were handed
 * to the socket (`handedOver`) and when that has taken them, so that the session's and the process's limits hold.
 */
export class ForeignSession<Data = unknown> extends Session<Data> implements BlockedQueue {
  readonly #flusher: Flusher;
  readonly #handed = new Set<readonly Held[]>();
  #waiting: Held[] = [];
  #bytes = 0;
  /** Grows whenever the socket takes something: who reads, however slowly, is judged later. */
  #progress = 0;
  #judging = false;

  constructor(host: SessionHost<Data>, socket: ForeignSocket, ip: string, newcomer: Newcomer<Data>, flusher: Flusher) {
    super(host, new ForeignTransport(socket), ip, newcomer, flusher);
    this.#flusher = flusher;
  }

  override get queuedBytes(): number {
    return this.#bytes;
  }

  /** Frames of the engine's make nothing of another library's protocol. */
  override push(): boolean {
    return false;
  }

  /** A packet waits. One that several sessions share counts once in the process. */
  hold(packet: Held): void {
    if (this.state === 'closed') return;
    const { budget } = this.#flusher;
    this.host.counters.delivered++;
    this.#waiting.push(packet);
    this.#bytes += packet.bytes.length;
    budget.hold(packet);
    budget.blocked.add(this);
    if (this.#isTooMuch(burstFactor * this.maxQueuedBytes)) this.overflow();
    else if (this.#isTooMuch(this.maxQueuedBytes)) this.#judgeLater();
    budget.enforce();
  }

  /** What waits was handed to the socket. Call what this returns once the socket has taken it. */
  handedOver(): () => void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#handed.add(batch);
    return () => {
      if (!this.#handed.delete(batch)) return;
      this.#progress++;
      this.#release(batch);
    };
  }

  /** Ends the session as too slow. */
  overflow(): void {
    const bytes = this.#bytes;
    this.#letGo();
    if (this.state === 'open') this.overflowed(bytes);
    else this.terminate();
  }

  override ended(reason: CloseReason): void {
    this.#letGo();
    super.ended(reason);
  }

  /** What the socket has been handed alone is not too much: one packet of any size may be on its way. */
  #isTooMuch(limit: number): boolean {
    const packets = this.#waiting.length + (this.#handed.size > 0 ? 1 : 0);
    return this.#waiting.length > 0 && packets > 1 && this.#bytes > limit;
  }

  #judgeLater(): void {
    if (this.#judging) return;
    this.#judging = true;
    const before = this.#progress;
    setImmediate(() => {
      this.#judging = false;
      if (this.state === 'closed' || !this.#isTooMuch(this.maxQueuedBytes)) return;
      if (this.#progress === before) this.overflow();
      else this.#judgeLater();
    });
  }

  #release(packets: readonly Held[]): void {
    const { budget } = this.#flusher;
    for (const packet of packets) {
      this.#bytes -= packet.bytes.length;
      budget.release(packet);
    }
    if (this.#waiting.length === 0 && this.#handed.size === 0) budget.blocked.delete(this);
  }

  #letGo(): void {
    const handed = [...this.#handed];
    const waiting = this.#waiting;
    this.#handed.clear();
    this.#waiting = [];
    for (const packets of [...handed, waiting]) this.#release(packets);
  }
}

/** What a session asks of its socket, where the library does most of it by itself. */
class ForeignTransport implements SessionTransport {
  open = true;

  constructor(readonly socket: ForeignSocket) {}

  /** Never called with anything a client is waiting for: see `push`. */
  write(): boolean {
    return true;
  }

  close(code: number, reason: string): void {
    this.open = false;
    this.socket.close({ code, reason });
  }

  terminate(): void {
    this.open = false;
    this.socket.terminate();
  }

  /** Pings are the library's. */
  ping(): void {}

  /** What comes in is counted and handled by the library. */
  pause(): void {}

  resume(): void {}
}
