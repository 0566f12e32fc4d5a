import type { Clock, Stop } from '../clock.js';
import type { Logger } from '../observe/logger.js';
import type { Counters } from '../observe/stats.js';
import type { Bus } from './bus.js';
import { beginning, parseEnvelope } from './envelope.js';
import { Marks } from './marks.js';
import { Following, Numbering } from './sequence.js';
import { Standing } from './standing.js';
import { StrangeMessages } from './strange-messages.js';

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
  logger: Logger;
  /** An event of another instance. */
  receive(topic: string, event: unknown): void;
  onGap(gap: Gap): void;
}

interface Interest {
  wants: number;
  standing: Promise<void> | 'now';
  /** When the subscription stood; null as long as it does not. */
  stoodAt: number | null;
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
  readonly #followed = new Map<string, Standing>();
  readonly #numbering: Numbering;
  readonly #marks: Marks | null;
  /** What the instance's own messages begin with. */
  readonly #own: string;
  readonly #strange: StrangeMessages;

  constructor(readonly options: TopicsOptions) {
    const { bus, prefix, instance, clock } = options;
    const numbering = new Numbering(instance, clock);
    this.#numbering = numbering;
    this.#marks = bus === undefined ? null : new Marks({ bus, prefix, instance, clock, numbering });
    this.#own = beginning(instance);
    this.#strange = new StrangeMessages(options);
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

  /** Wants a topic for good. Resolves once its events arrive; until they do, it is asked for as `Standing` says. */
  async follow(topic: string): Promise<void> {
    let standing = this.#followed.get(topic);
    if (standing === undefined) {
      standing = new Standing(this.options.bus, async () => this.acquire(topic));
      this.#followed.set(topic, standing);
    }
    await standing.ready();
  }

  /** Resolves once the events of all topics that are followed arrive. */
  async ready(): Promise<void> {
    await Promise.all([...this.#followed.values()].map((standing) => standing.ready()));
  }

  /** Hands an event to the bus. The caller has delivered it here. */
  spread(topic: string, event: unknown): Spread {
    const { bus, prefix } = this.options;
    if (bus === undefined) return spreadAlready;
    const sent: number[] = [];
    let epoch = '';
    // Others may have seen later numbers by the time of a repeat: it has one of its own, and names those before it.
    const send = () => {
      const place = this.#numbering.next(topic);
      const repeats = sent.length > 0 && place.epoch === epoch ? [...sent] : undefined;
      epoch = place.epoch;
      sent.push(place.sequence);
      this.#marks?.published(topic);
      return bus.publish(prefix + topic, this.#own + JSON.stringify({ ...place, repeats, event }).slice(1));
    };
    const done = send();
    // A publisher who does not look at the outcome must not end the process.
    done.catch(() => {});
    return { done, retry: send };
  }

  close(): void {
    this.#marks?.close();
    for (const standing of this.#followed.values()) standing.stop();
    for (const [topic, interest] of this.#interests) this.#end(topic, interest);
  }

  #begin(topic: string): Interest {
    const interest: Interest = {
      wants: 0,
      standing: 'now',
      stoodAt: null,
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
          interest.stoodAt = this.options.clock.now();
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
    if (text.startsWith(this.#own)) return;
    const { counters, instance, clock } = this.options;
    const envelope = parseEnvelope(text);
    if (envelope === undefined) {
      counters.ignored++;
      this.#strange.note(topic);
      return;
    }
    if (envelope.from === instance) return;
    if ('ask' in envelope) {
      this.#marks?.asked(envelope.ask.withinMs);
    } else if ('mark' in envelope) {
      const sinceMs = interest.stoodAt === null ? 0 : clock.now() - interest.stoodAt;
      this.#missed(topic, envelope.from, interest.following.missed(envelope, sinceMs));
    } else {
      const place = interest.following.place(envelope);
      if (place.kind === 'next') this.#missed(topic, envelope.from, place.missed);
      if (place.kind === 'late' || place.isRepeat) counters.ignored++;
      else this.options.receive(topic, envelope.event);
    }
  }

  #missed(topic: string, publisher: string, missed: number): void {
    if (missed === 0) return;
    this.options.counters.missed += missed;
    this.options.onGap({ topic, publisher, missed });
  }
}
