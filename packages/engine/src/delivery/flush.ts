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
/** Entries already taken before a list that is never empty is cut to what still waits. */
const maxTaken = 1024;

/** Something that has frames to write. */
export interface Flushable {
  /** Which of the flusher's lists it is in. */
  lane: 'none' | 'event' | 'reply';
  /** Writes what it can, and returns how many bytes that were. */
  flush(): number;
}

/** Who is to be flushed, in order. It does not grow while it is never empty: what was taken is let go of. */
class Lane {
  #waiting: Flushable[] = [];
  #next = 0;

  push(outbox: Flushable): void {
    this.#waiting.push(outbox);
  }

  take(): Flushable | undefined {
    if (this.#next === this.#waiting.length) {
      if (this.#next > 0) this.#waiting = [];
      this.#next = 0;
      return undefined;
    }
    const outbox = this.#waiting[this.#next++];
    if (this.#next >= maxTaken && this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return outbox;
  }
}

/**
 * The only writer: once per tick it writes what every session has waiting, one write each.
 *
 * The kernel is what delivery costs: a write of 256 bytes takes 3–5 µs, ten times the JavaScript around it. So events
 * of one tick leave together. A flush of thousands of sessions runs in slices, between which the event loop reads
 * requests; sessions that are owed a reply go first in every slice.
 *
 * Measured (`pnpm bench`, CPU against a write for each event and member): 0.04 with 32 events in flight to 1000 members,
 * 0.71 for one by itself. An event to 5000 members holds the loop for 1.7 ms (p99); written at once it is 62 ms.
 */
export class Flusher {
  readonly #replies = new Lane();
  readonly #events = new Lane();
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
        const outbox = this.#replies.take() ?? this.#events.take();
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
}
