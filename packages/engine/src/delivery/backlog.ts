import type { ByteBudget } from './budget.js';
import type { Frame } from './frame.js';
import { maxWriteBytes } from './queue.js';

/** The frames that wait for one slow session, in order, with what may be thrown away when they are too many. */
export class Backlog {
  #frames: (Frame | null)[] = [];
  #head = 0;
  /** Everything before this index is known to hold nothing that may be dropped. */
  #firstDroppable = 0;
  #keys: Map<string, number> | null = null;
  #waiting = 0;
  bytes = 0;
  /** Frames thrown away so far. */
  dropped = 0;

  constructor(readonly budget: ByteBudget) {}

  get empty(): boolean {
    return this.#waiting === 0;
  }

  /** Adds a frame; one of class `latest` takes the place of the waiting frame with its key, at the end of the queue. */
  push(frame: Frame): void {
    if (frame.deliveryClass === 'latest' && frame.key !== null) {
      this.#keys ??= new Map();
      const earlier = this.#keys.get(frame.key);
      if (earlier !== undefined) this.#drop(earlier);
      this.#keys.set(frame.key, this.#frames.length);
    }
    this.#frames.push(frame);
    this.#waiting++;
    this.bytes += frame.bytes.length;
    this.budget.hold(frame);
    if (this.#frames.length > 1024 && this.#waiting * 2 < this.#frames.length) this.#compact();
  }

  /** Throws away `drop-oldest` frames, the oldest first, until at most `maxBytes` wait or none is left. */
  shrink(maxBytes: number): void {
    let index = Math.max(this.#head, this.#firstDroppable);
    for (; index < this.#frames.length && this.bytes > maxBytes; index++) {
      if (this.#frames[index]?.deliveryClass === 'drop-oldest') this.#drop(index);
    }
    this.#firstDroppable = index;
  }

  /** Takes the oldest frames that fit into one write, at least one. */
  take(): Frame[] {
    const taken: Frame[] = [];
    let bytes = 0;
    for (; this.#head < this.#frames.length; this.#head++) {
      const frame = this.#frames[this.#head];
      if (!frame) continue;
      if (taken.length > 0 && bytes + frame.bytes.length > maxWriteBytes) break;
      bytes += frame.bytes.length;
      taken.push(frame);
      this.#forget(this.#head, frame);
    }
    if (this.#waiting === 0) this.#reset();
    return taken;
  }

  clear(): void {
    for (let index = this.#head; index < this.#frames.length; index++) {
      const frame = this.#frames[index];
      if (frame) this.#forget(index, frame);
    }
    this.#reset();
  }

  #drop(index: number): void {
    const frame = this.#frames[index];
    if (!frame) return;
    this.#forget(index, frame);
    this.dropped++;
  }

  #forget(index: number, frame: Frame): void {
    this.#frames[index] = null;
    this.#waiting--;
    this.bytes -= frame.bytes.length;
    if (frame.key !== null && this.#keys?.get(frame.key) === index) this.#keys.delete(frame.key);
    this.budget.release(frame);
  }

  #reset(): void {
    this.#frames = [];
    this.#head = 0;
    this.#firstDroppable = 0;
  }

  /** Lets go of the slots of frames that were taken or dropped: a queue of replaced frames must not grow. */
  #compact(): void {
    const frames = this.#frames.slice(this.#head).filter((frame) => frame !== null);
    this.#keys?.clear();
    this.#reset();
    for (const [index, frame] of frames.entries()) {
      this.#frames.push(frame);
      if (frame.deliveryClass === 'latest' && frame.key !== null) this.#keys?.set(frame.key, index);
    }
  }
}
