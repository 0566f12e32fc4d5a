import type { Clock, Stop } from '../clock.js';
import type { Counters } from '../observe/stats.js';
import type { Bus } from './bus.js';
import { type Envelope, parseEnvelope } from './envelope.js';
import { Following, Numbering } from './sequence.js';

/** How far a publication got beyond this instance. */
export interface Spread {
  /** Resolves when the bus has it, rejects with `BusDownError` when it has not. May be left alone. */
  readonly done: Promise<void>;
  /** Hands it to the bus once more; instances that have it already ignore it, and nothing is delivered here again. */
  retry(): Promise<void>;
}

/** Events of one topic that another instance published and this one did not get. */
export interface Gap {
  readonly topic: string;
  readonly publisher: string;
  readonly missed: number;
}

export interface TopicsOptions {
  bus: Bus | undefined;
  /** What the bus calls this mount's topics: `prefix` + topic. */
  prefix: string;
  instance: string;
  clock: Clock;
  lingerMs: number;
  counters: Counters;
  /** An event of another instance. */
  receive(topic: string, event: unknown): void;
  onGap(gap: Gap): void;
}

interface Interest {
  wants: number;
  standing: Promise<void> | 'now';
  following: Following;
  unsubscribe: (() => void) | null;
  letGo: Stop | null;
}

const spreadAlready: Spread = { done: Promise.resolve(), retry: () => Promise.resolve() };

/**
 * How events travel between instances. An instance is subscribed to a topic while somebody here wants it, and for
 * `lingerMs` longer, so that a session that comes back finds it standing.
 */
export class Topics {
  readonly #interests = new Map<string, Interest>();
  readonly #numbering: Numbering;

  constructor(readonly options: TopicsOptions) {
    this.#numbering = new Numbering(options.instance);
  }

  get size(): number {
    return this.#interests.size;
  }

  /**
   * Wants a topic once more; `release` takes that back. Returns nothing when its events arrive already (always so
   * without a bus), else a promise that resolves once they do and rejects, wanting nothing, when they can't.
   */
  acquire(topic: string): Promise<void> | undefined {
    const interest = this.#interests.get(topic) ?? this.#begin(topic);
    interest.wants++;
    interest.letGo?.();
    interest.letGo = null;
    return interest.standing === 'now' ? undefined : interest.standing;
  }

  release(topic: string): void {
    const interest = this.#interests.get(topic);
    if (interest === undefined || interest.wants === 0) return;
    interest.wants--;
    if (interest.wants > 0) return;
    const { clock, lingerMs } = this.options;
    if (this.options.bus === undefined) this.#interests.delete(topic);
    else interest.letGo = clock.after(lingerMs, () => this.#end(topic, interest));
  }

  /** Hands an event to the bus. The caller has delivered it here. */
  spread(topic: string, event: unknown): Spread {
    const { bus, prefix, instance } = this.options;
    if (bus === undefined) return spreadAlready;
    const sent: number[] = [];
    let epoch = '';
    // Others may have seen later numbers by the time of a repeat: it has one of its own, and names those before it.
    const send = () => {
      const place = this.#numbering.next(topic);
      const repeats = sent.length > 0 && place.epoch === epoch ? [...sent] : undefined;
      epoch = place.epoch;
      sent.push(place.sequence);
      const envelope: Envelope = { version: 1, from: instance, ...place, repeats, event };
      return bus.publish(prefix + topic, JSON.stringify(envelope));
    };
    const done = send();
    // A publisher who does not look at the outcome must not end the process.
    done.catch(() => {});
    return { done, retry: send };
  }

  close(): void {
    for (const [topic, interest] of this.#interests) this.#end(topic, interest);
  }

  #begin(topic: string): Interest {
    const interest: Interest = {
      wants: 0,
      standing: 'now',
      following: new Following(),
      unsubscribe: null,
      letGo: null,
    };
    this.#interests.set(topic, interest);
    const { bus, prefix } = this.options;
    if (bus === undefined) return interest;
    interest.standing = bus
      .subscribe(prefix + topic, (text) => this.#receive(topic, interest, text))
      .then(
        (unsubscribe) => {
          interest.unsubscribe = unsubscribe;
          interest.standing = 'now';
          if (this.#interests.get(topic) !== interest) unsubscribe();
        },
        (error: unknown) => {
          if (this.#interests.get(topic) === interest) this.#interests.delete(topic);
          throw error;
        },
      );
    interest.standing.catch(() => {});
    return interest;
  }

  #end(topic: string, interest: Interest): void {
    interest.letGo?.();
    interest.unsubscribe?.();
    interest.unsubscribe = null;
    if (this.#interests.get(topic) === interest) this.#interests.delete(topic);
  }

  #receive(topic: string, interest: Interest, text: string): void {
    const { counters, instance } = this.options;
    const envelope = parseEnvelope(text);
    if (envelope === undefined) {
      counters.ignored++;
      return;
    }
    if (envelope.from === instance) return;
    const place = interest.following.place(envelope);
    if (place.kind === 'next' && place.missed > 0) {
      counters.missed += place.missed;
      this.options.onGap({ topic, publisher: envelope.from, missed: place.missed });
    }
    if (place.kind === 'late' || place.isRepeat) counters.ignored++;
    else this.options.receive(topic, envelope.event);
  }
}
