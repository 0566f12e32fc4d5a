import type { CloseReason } from '../close-reasons.js';
import { Backlog } from './backlog.js';
import type { BlockedQueue } from './budget.js';
import type { Flushable, Flusher } from './flush.js';
import type { Frame } from './frame.js';
import { join, type QueueNode } from './queue.js';

/** What an outbox writes to: a WebSocket and the stream beneath it. */
export interface Transport {
  /** False once either side has closed: nothing may be written any more. */
  readonly open: boolean;
  /** Hands bytes to the stream. False: it holds some of them back, and calls `outbox.drained()` when they are through. */
  write(bytes: Buffer): boolean;
  close(code: number, reason: string): void;
}

/** Whose outbox it is. */
export interface OutboxOwner {
  /** The most that may wait, in bytes. An empty queue always admits one frame. */
  readonly maxQueuedBytes: number;
  /** Frames of this session were thrown away. */
  dropped(frames: number): void;
  /** The session reads too slowly for what it must be sent; so many bytes waited. Ends it. */
  overflowed(queuedBytes: number): void;
}

/**
 * - `clear`: nothing waits.
 * - `queued`: frames of this tick wait for the flush.
 * - `blocked`: the socket holds bytes back; further frames wait in the backlog.
 * - `draining`: the socket takes bytes again; the backlog goes first.
 * - `abandoned`: the session reads too slowly; all that is still to come is its close.
 * - `ended`: the close frame was sent, or the socket is gone.
 */
type OutboxState = 'clear' | 'queued' | 'blocked' | 'draining' | 'abandoned' | 'ended';

/** How many times what a slow session may have waiting may be queued for a willing one in a tick. */
const burstFactor = 8;

/** The one way from the engine to a session's socket: every frame and the close pass through it, in order. */
export class Outbox implements Flushable, BlockedQueue {
  lane: Flushable['lane'] = 'none';
  #state: OutboxState = 'clear';
  #queue: QueueNode | null = null;
  #backlog: Backlog | null = null;
  #inFlight: Frame | null = null;
  /** Bytes handed to the socket so far. */
  #written = 0;
  #close: CloseReason | null = null;
  #flushed: (() => void)[] | null = null;

  constructor(
    readonly transport: Transport,
    readonly owner: OutboxOwner,
    readonly flusher: Flusher,
  ) {}

  /** Bytes that the socket has not taken yet. */
  get queuedBytes(): number {
    return (this.#queue?.bytes ?? 0) + (this.#backlog?.bytes ?? 0) + (this.#inFlight?.bytes.length ?? 0);
  }

  /** Queues a frame; after a close it is ignored. Never throws and never writes more than one full queue. */
  push(frame: Frame, isReply: boolean): void {
    if (this.#close !== null) return;
    switch (this.#state) {
      case 'clear':
        this.#queue = this.flusher.start(frame);
        this.#state = 'queued';
        break;
      case 'queued': {
        const queue = (this.#queue as QueueNode).append(frame);
        this.#queue = queue;
        // A burst within one tick is no slow reader. Only where it gets out of hand the socket gets its chance at once,
        // which holds up everything else.
        if (queue.bytes > burstFactor * this.owner.maxQueuedBytes) this.flush();
        break;
      }
      case 'blocked':
      case 'draining':
        this.#wait(frame);
        return;
      case 'abandoned':
      case 'ended':
        return;
    }
    this.flusher.schedule(this, isReply);
  }

  /** Closes once everything queued is written. */
  end(close: CloseReason): void {
    if (this.#close !== null || this.#state === 'ended') return;
    this.#close = close;
    if (this.#state === 'clear' || this.#state === 'abandoned') this.#finish();
    else this.flusher.schedule(this, true);
  }

  /** Resolves once the socket has taken everything that waits now, or is gone. */
  flushed(): Promise<void> {
    if (this.#state === 'clear' || this.#state === 'abandoned' || this.#state === 'ended') return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushed ??= [];
      this.#flushed.push(resolve);
    });
  }

  /** The socket is gone: lets go of everything. */
  dispose(): void {
    this.#discard();
    this.#enter('ended');
  }

  /** Told by the transport: what it held back is through. */
  drained(): void {
    if (this.#state !== 'blocked') return;
    this.#releaseInFlight();
    this.#state = 'draining';
    this.flusher.schedule(this, false);
  }

  /** Writes what waits, until the socket holds bytes back. */
  flush(): number {
    if (this.#state === 'ended' || this.#state === 'abandoned' || this.#state === 'blocked') return 0;
    if (!this.transport.open) {
      this.dispose();
      return 0;
    }
    const before = this.#written;
    if (this.#state === 'queued') this.#writeQueue(this.#queue as QueueNode);
    else if (this.#state === 'draining') this.#writeBacklog();
    if (this.#close !== null && this.#state === 'clear') this.#finish();
    return this.#written - before;
  }

  #writeQueue(queue: QueueNode): void {
    this.#queue = null;
    if (queue.count === 1) {
      if (this.#write(queue.frame)) this.#enter('clear');
      return;
    }
    const { frames, chunks, ends } = queue.batch();
    for (let index = 0; index < chunks.length; index++) {
      if (this.#write(chunks[index] as Frame)) continue;
      for (let rest = ends[index] as number; rest < frames.length; rest++) this.#wait(frames[rest] as Frame);
      return;
    }
    this.#enter('clear');
  }

  #writeBacklog(): void {
    const backlog = this.#backlog as Backlog;
    while (!backlog.empty) {
      for (const chunk of join(backlog.take()).chunks) if (!this.#write(chunk)) return;
    }
    this.#backlog = null;
    this.#enter('clear');
  }

  #write(chunk: Frame): boolean {
    this.#written += chunk.bytes.length;
    if (this.transport.write(chunk.bytes)) return true;
    this.#state = 'blocked';
    this.#inFlight = chunk;
    this.#backlog ??= new Backlog(this.flusher.budget);
    this.flusher.budget.hold(chunk);
    this.flusher.budget.blocked.add(this);
    return false;
  }

  /** Keeps a frame for a slow session, within its bounds. */
  #wait(frame: Frame): void {
    if (this.#state === 'abandoned' || this.#state === 'ended') return;
    const backlog = this.#backlog as Backlog;
    const before = backlog.dropped;
    const wasEmpty = backlog.empty && this.#inFlight === null;
    backlog.push(frame);
    const free = this.owner.maxQueuedBytes - (this.#inFlight?.bytes.length ?? 0);
    if (!wasEmpty && backlog.bytes > free) {
      backlog.shrink(Math.max(0, free));
      if (backlog.bytes > free && !backlog.empty) {
        this.overflow();
        return;
      }
    }
    if (backlog.dropped > before) this.owner.dropped(backlog.dropped - before);
    this.flusher.budget.enforce();
  }

  /**
   * Gives the session up as too slow. What waits is let go of before the owner hears of it: what that sends by way of
   * farewell must not count as too much once more.
   */
  overflow(): void {
    if (this.#state === 'abandoned' || this.#state === 'ended') return;
    const bytes = this.queuedBytes;
    this.#discard();
    if (this.#close !== null) {
      this.#finish();
      return;
    }
    this.#enter('abandoned');
    this.owner.overflowed(bytes);
  }

  #finish(): void {
    const close = this.#close as CloseReason;
    this.#enter('ended');
    if (this.transport.open) this.transport.close(close.code, close.reason);
  }

  #enter(state: 'clear' | 'abandoned' | 'ended'): void {
    this.#state = state;
    if (this.#flushed === null) return;
    const flushed = this.#flushed;
    this.#flushed = null;
    for (const resolve of flushed) resolve();
  }

  #discard(): void {
    this.#queue = null;
    this.#backlog?.clear();
    this.#releaseInFlight();
  }

  #releaseInFlight(): void {
    if (this.#inFlight === null) return;
    this.flusher.budget.release(this.#inFlight);
    this.flusher.budget.blocked.delete(this);
    this.#inFlight = null;
  }
}
