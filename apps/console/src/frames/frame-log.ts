import { Pulse } from '../live/pulse.js';
import { Rate } from '../live/rate.js';
import { Recent } from '../live/recent.js';
import { masked } from './masked.js';

/** `in` and `out` are frames; `note` is what became of the connection. */
export type Direction = 'in' | 'out' | 'note';

/** Something that went by on a connection. */
export interface Frame {
  /** Goes up by one with each. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: Direction;
  /** Without secrets; at most `maxTextLength` characters. */
  readonly text: string;
  /** Of the whole frame: characters of a text, bytes of a binary one. */
  readonly size: number;
}

const keptFrames = 500;

/** A real killmail can have a million characters: what nobody reads is not kept. */
export const maxTextLength = 16 * 1024;

const rememberedSeconds = 60;

/** The latest frames of a connection, in both directions. */
export class FrameLog {
  readonly frames = new Recent<Frame>(keptFrames);
  /** Frames that came in, per second. */
  readonly received = new Rate(rememberedSeconds);
  readonly pulse = new Pulse();

  /** @param secrets what must not be shown: tokens, as they are now */
  constructor(private readonly secrets: () => readonly string[]) {}

  add(direction: Direction, data: unknown): void {
    const at = Date.now();
    if (direction === 'in') this.received.add(1, at);
    const { text, size } = readable(data);
    const number = this.frames.total + 1;
    this.frames.add({ number, at, direction, size, text: masked(text, this.secrets()).slice(0, maxTextLength) });
    this.pulse.changed();
  }
}

function readable(data: unknown): { text: string; size: number } {
  if (typeof data === 'string') return { text: data, size: data.length };
  if (data instanceof ArrayBuffer) return { text: `binary, ${data.byteLength} bytes`, size: data.byteLength };
  const text = JSON.stringify(data) ?? String(data);
  return { text, size: text.length };
}
