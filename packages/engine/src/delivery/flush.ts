import type { ByteBudget } from './budget.js';
import type { Frame } from './frame.js';
import { QueueNode } from './queue.js';

/** How long one slice of a flush may hold the event loop. */
const sliceMs = 1;
/**
 * How much is written between two looks at the time: 16 small writes, or one of 256 KiB, which takes the kernel 0.1 ms.
 * A look costs about 1 % of a small write.
 */
const workPerLook = 16;
const bytesPerWork = 16 * 1024;

/** Something that has frames to write. */
export interface Flushable {
  /** Which of the flusher's lists it is in. */
  lane: 'none' | 'event' | 'reply';
  /** Writes what it can, and returns how many bytes that were. */
  flush(): number;
}

/**
 * The only writer: once per tick it writes what every session has waiting, one write each.
 *
 * The kernel is what delivery costs: a write of 256 bytes takes 3–5 µs, ten times the JavaScript around it. So events
 * of one tick leave together. A flush of thousands of sessions runs in slices, between which the event loop reads
 * requests; sessions that are owed a reply go first in every slice.
 */
export class Flusher {
  #replies: Flushable[] = [];
  #events: Flushable[] = [];
  #nextReply = 0;
  #nextEvent = 0;
  #scheduled = false;
  #first: QueueNode | null = null;

  constructor(readonly budget: ByteBudget) {}

  /** The queue that holds only `frame`, shared by all sessions whose queue begins with it in this tick. */
  start(frame: Frame): QueueNode {
    if (this.#first === null || this.#first.frame !== frame) this.#first = new QueueNode(null, frame);
    return this.#first;
  }

  /** Has `outbox` flushed at the end of this tick. */
  schedule(outbox: Flushable, isReply: boolean): void {
    if (isReply) {
      if (outbox.lane === 'reply') return;
      // It may be in the list of events as well: that visit will find nothing left to write.
      outbox.lane = 'reply';
      this.#replies.push(outbox);
    } else {
      if (outbox.lane !== 'none') return;
      outbox.lane = 'event';
      this.#events.push(outbox);
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#slice);
    }
  }

  readonly #slice = (): void => {
    this.#first = null;
    const end = performance.now() + sliceMs;
    for (;;) {
      for (let work = 0; work < workPerLook; work++) {
        const outbox = this.#next();
        if (outbox === undefined) {
          this.#scheduled = false;
          return;
        }
        outbox.lane = 'none';
        work += outbox.flush() / bytesPerWork;
      }
      if (performance.now() >= end) {
        setImmediate(this.#slice);
        return;
      }
    }
  };

  #next(): Flushable | undefined {
    if (this.#nextReply < this.#replies.length) return this.#replies[this.#nextReply++];
    if (this.#nextReply > 0) {
      this.#replies = [];
      this.#nextReply = 0;
    }
    if (this.#nextEvent < this.#events.length) return this.#events[this.#nextEvent++];
    if (this.#nextEvent > 0) {
      this.#events = [];
      this.#nextEvent = 0;
    }
    return undefined;
  }
}
