import { Frame } from './frame.js';

/** The most that one write carries; a larger frame is written alone. */
export const maxWriteBytes = 64 * 1024;

/** What a queue is written as: frames joined into chunks, and for each chunk how many frames end with it. */
export interface Batch {
  frames: Frame[];
  chunks: Frame[];
  /** `ends[i]` frames of the queue are through once `chunks[i]` is written. */
  ends: number[];
}

/**
 * The frames queued for a session in one tick, as a chain from the newest to the oldest.
 *
 * A queue is a pointer into a tree: two sessions that were sent the same frames hold the same node, so that queueing
 * allocates nothing for all but the first of them, and their common bytes are joined once and written to each. This is
 * where a large room's speed comes from: 1000 sessions and 32 events make 32 nodes, one copy and 1000 writes.
 */
export class QueueNode {
  readonly count: number;
  readonly bytes: number;
  #child: QueueNode | null = null;
  #batch: Batch | null = null;

  constructor(
    readonly previous: QueueNode | null,
    readonly frame: Frame,
  ) {
    this.count = previous === null ? 1 : previous.count + 1;
    this.bytes = previous === null ? frame.bytes.length : previous.bytes + frame.bytes.length;
  }

  /** The queue that is this one and then `frame`. Only the last asked-for continuation is remembered. */
  append(frame: Frame): QueueNode {
    if (this.#child !== null && this.#child.frame === frame) return this.#child;
    this.#child = new QueueNode(this, frame);
    return this.#child;
  }

  /** The queue as frames, oldest first. */
  frames(): Frame[] {
    const frames = new Array<Frame>(this.count);
    let node: QueueNode | null = this;
    for (let index = this.count - 1; node !== null; index--) {
      frames[index] = node.frame;
      node = node.previous;
    }
    return frames;
  }

  /** The queue as the writes it is sent with. Joined once, whichever session asks first. */
  batch(): Batch {
    this.#batch ??= join(this.frames());
    return this.#batch;
  }
}

/** Joins frames into chunks of at most `maxWriteBytes`. */
export function join(frames: Frame[]): Batch {
  const chunks: Frame[] = [];
  const ends: number[] = [];
  let start = 0;
  let bytes = 0;
  const endChunk = (end: number) => {
    if (end === start) return;
    const only = end - start === 1 ? frames[start] : undefined;
    chunks.push(
      only ??
        new Frame(
          Buffer.concat(
            frames.slice(start, end).map((frame) => frame.bytes),
            bytes,
          ),
        ),
    );
    ends.push(end);
    start = end;
    bytes = 0;
  };
  for (let index = 0; index < frames.length; index++) {
    const size = (frames[index] as Frame).bytes.length;
    if (bytes + size > maxWriteBytes) endChunk(index);
    bytes += size;
  }
  endChunk(frames.length);
  return { frames, chunks, ends };
}
