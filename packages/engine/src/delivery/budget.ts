/** A session's queue whose socket does not take data at the moment. */
export interface BlockedQueue {
  readonly queuedBytes: number;
  /** Gives the session up as too slow. */
  overflow(): void;
}

/** What waits: a frame, or a packet of another library. `holders` counts the queues it waits in. */
export interface Held {
  holders: number;
  readonly bytes: { readonly length: number };
}

/**
 * The bytes that wait for slow readers in the whole process. A frame that waits for a thousand sessions is one buffer,
 * and counts once. Over the limit the session with the longest queue is closed, until it fits again.
 */
export class ByteBudget {
  readonly blocked = new Set<BlockedQueue>();
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  hold(frame: Held): void {
    if (frame.holders++ === 0) this.#bytes += frame.bytes.length;
  }

  release(frame: Held): void {
    if (--frame.holders === 0) this.#bytes -= frame.bytes.length;
  }

  /** Closes the slowest sessions while the process holds too much. */
  enforce(): void {
    while (this.#bytes > this.maxBytes) {
      const slowest = this.#slowest();
      if (slowest === undefined) return;
      slowest.overflow();
    }
  }

  #slowest(): BlockedQueue | undefined {
    let slowest: BlockedQueue | undefined;
    for (const queue of this.blocked) {
      if (slowest === undefined || queue.queuedBytes > slowest.queuedBytes) slowest = queue;
    }
    return slowest;
  }
}
