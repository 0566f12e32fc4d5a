import type { Frame } from '../delivery/frame.js';

/** Events that wait until a session has been sent its snapshots. */
export class HeldEvents {
  /** How many snapshots are still to come. */
  holds = 0;
  bytes = 0;
  readonly frames: Frame[] = [];

  push(frame: Frame): void {
    this.frames.push(frame);
    this.bytes += frame.bytes.length;
  }

  /** Whether they are more than `maxBytes`; a single one never is. */
  exceeds(maxBytes: number): boolean {
    return this.bytes > maxBytes && this.frames.length > 1;
  }
}
