import type { Clock, Stop } from '../clock.js';
import { controlTopic } from '../control.js';
import type { Bus } from './bus.js';
import { beginning, type Mark } from './envelope.js';
import type { Numbering } from './sequence.js';

/** A topic's mark follows this long after its last event; an event in between makes it needless. */
const quietMs = 2000;
/** How often marks are looked after. */
const sweepMs = 1000;
/** Marks sent in one sweep at most. */
const maxPerSweep = 2000;
/** How long an adapter may take to notice that its broker is out of reach. */
const maxUnnoticedMs = 30_000;

export interface MarksOptions {
  bus: Bus;
  prefix: string;
  instance: string;
  clock: Clock;
  numbering: Numbering;
}

/**
 * Has a lost event found when none comes after it. A publisher says where it stands on a topic once the topic has been
 * quiet for a moment; and an instance whose bus was down asks the others to say so again for what they published
 * meanwhile. A loss is so found within 3 s (1 s more for every 2000 topics at once) of the publication or of the bus
 * being back, whichever is later, as long as its publisher lives.
 */
export class Marks {
  /** When each topic was last published to whose mark is not sent yet, the longest quiet first. */
  readonly #due = new Map<string, number>();
  /** Topics whose marks were asked for. */
  readonly #asked = new Set<string>();
  /** Since when messages may have been lost on the way to this instance; null where nothing is to be asked for. */
  #lostSince: number | null = null;
  readonly #stops: Stop[];

  constructor(readonly options: MarksOptions) {
    const { bus, clock } = options;
    this.#stops = [
      clock.every(sweepMs, () => this.#sweep()),
      bus.onStatus((status) => {
        if (status === 'down') this.#lostSince ??= clock.now() - maxUnnoticedMs;
        else this.#sweep();
      }),
    ];
  }

  published(topic: string): void {
    this.#due.delete(topic);
    this.#due.set(topic, this.options.clock.now());
  }

  /** Another instance may have lost what was published that lately. */
  asked(withinMs: number): void {
    const since = this.options.clock.now() - withinMs;
    for (const topic of this.options.numbering.since(since)) this.#asked.add(topic);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #sweep(): void {
    const { bus, clock, numbering } = this.options;
    if (bus.status === 'down') return;
    const now = clock.now();
    if (this.#lostSince !== null) {
      const since = this.#lostSince;
      this.#lostSince = null;
      this.#send(controlTopic, { ask: { withinMs: now - since } }, () => {
        this.#lostSince ??= since;
      });
    }
    for (const topic of this.#topics(now)) {
      this.#due.delete(topic);
      this.#asked.delete(topic);
      const mark = numbering.mark(topic);
      if (mark !== undefined) this.#send(topic, mark, () => this.#asked.add(topic));
    }
  }

  #topics(now: number): string[] {
    const topics: string[] = [];
    for (const topic of this.#asked) {
      if (topics.length === maxPerSweep) return topics;
      topics.push(topic);
    }
    for (const [topic, at] of this.#due) {
      if (topics.length === maxPerSweep || now - at < quietMs) return topics;
      if (!this.#asked.has(topic)) topics.push(topic);
    }
    return topics;
  }

  #send(topic: string, content: { ask: object } | Omit<Mark, 'version' | 'from'>, failed: () => void): void {
    const { bus, prefix, instance } = this.options;
    const text = beginning(instance) + JSON.stringify(content).slice(1);
    bus.publish(prefix + topic, text).catch(failed);
  }
}
