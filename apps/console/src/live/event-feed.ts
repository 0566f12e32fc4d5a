import { Pulse } from './pulse.js';
import { Recent } from './recent.js';

/** How an event is coloured: by what it means, not by its type. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info';

/** One line of a feed. */
export interface Entry {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A short name of what it is. */
  readonly kind: string;
  readonly tone: Tone;
  readonly text: string;
}

const keptEntries = 1000;

/** The latest events of a service as lines to read. */
export class EventFeed {
  readonly entries = new Recent<Entry>(keptEntries);
  readonly pulse = new Pulse();

  /** @param timestamp ISO 8601, by the server */
  add(timestamp: string | undefined, kind: string, tone: Tone, text: string): void {
    const parsed = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
    const at = Number.isNaN(parsed) ? Date.now() : parsed;
    this.entries.add({ number: this.entries.total + 1, at, kind, tone, text });
    this.pulse.changed();
  }

  clear(): void {
    this.entries.clear();
    this.pulse.changed();
  }
}
