import { type Clock, systemClock } from '../clock.js';
import type { Envelope, Mark } from './envelope.js';

/** Topics or publishers remembered at most; the longest unused is forgotten, and starts a new epoch when it returns. */
const maxRemembered = 100_000;

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > maxRemembered) map.delete(map.keys().next().value as string);
}

interface Numbers {
  readonly epoch: string;
  sequence: number;
  /** When the first and the last of them were given. */
  readonly firstAt: number;
  lastAt: number;
}

/** Numbers what this instance publishes, for each topic on its own. */
export class Numbering {
  /** The topics in the order in which they were last published to. */
  readonly #last = new Map<string, Numbers>();
  #epochs = 0;

  constructor(
    readonly instance: string,
    readonly clock: Pick<Clock, 'now'> = systemClock,
  ) {}

  next(topic: string): { epoch: string; sequence: number } {
    const now = this.clock.now();
    let last = this.#last.get(topic);
    last ??= { epoch: `${this.instance}.${++this.#epochs}`, sequence: 0, firstAt: now, lastAt: now };
    last.sequence++;
    last.lastAt = now;
    remember(this.#last, topic, last);
    return { epoch: last.epoch, sequence: last.sequence };
  }

  /** Where the numbers of a topic have got to; undefined where none was given. */
  mark(topic: string): Omit<Mark, 'version' | 'from'> | undefined {
    const last = this.#last.get(topic);
    if (last === undefined) return undefined;
    const now = this.clock.now();
    const { epoch, sequence, firstAt, lastAt } = last;
    return { epoch, sequence, mark: { firstAgoMs: now - firstAt, lastAgoMs: now - lastAt } };
  }

  /** The topics that were published to since then. */
  *since(at: number): IterableIterator<string> {
    for (const [topic, { lastAt }] of this.#last) if (lastAt >= at) yield topic;
  }
}

/** Missing numbers remembered for each publisher; over it the oldest are given up. */
const maxMissing = 1000;

/** What a message may take from one instance to another before it is held against a mark's times, in milliseconds. */
const tripMs = 1000;

/** What an envelope is beside those that came before it. `missed` events between them have not come. */
export type Place =
  | { readonly kind: 'late' }
  | { readonly kind: 'next'; readonly missed: number; readonly isRepeat: boolean };

/** The numbers of one epoch that have come: from `first` to `last`, except those missing. */
interface Arrived {
  readonly epoch: string;
  readonly first: number;
  last: number;
  missing: Set<number> | null;
}

/** Follows the numbers of every publisher of one topic. */
export class Following {
  readonly #arrived = new Map<string, Arrived>();

  place({ from, epoch, sequence, repeats = [] }: Envelope): Place {
    const known = this.#arrived.get(from);
    if (known?.epoch === epoch && sequence <= known.last) return { kind: 'late' };
    // A publisher that began anew says nothing about how its old numbers ended, but its new ones begin with 1.
    const next = known === undefined ? sequence : known.epoch === epoch ? known.last + 1 : 1;
    const arrived = known?.epoch === epoch ? known : { epoch, first: next, last: next - 1, missing: null };
    remember(this.#arrived, from, arrived);
    const isRepeat = repeats.some((number) => hasArrived(arrived, number));
    arrived.last = sequence;
    if (sequence > next) noteMissing(arrived, next, sequence);
    // What was to come in between comes now.
    for (const number of repeats) arrived.missing?.delete(number);
    const missed = sequence - next - repeats.filter((number) => number >= next && number < sequence).length;
    return { kind: 'next', missed, isRepeat };
  }

  /**
   * How many events a mark tells of that have not come and were not missed before. Of a publisher that was never heard
   * of, those count that it published later than `sinceMs` ago, when listening began.
   */
  missed({ from, epoch, sequence, mark }: Mark, sinceMs: number): number {
    const known = this.#arrived.get(from);
    let next = sequence + 1;
    if (known !== undefined) next = known.epoch === epoch ? known.last + 1 : 1;
    else if (mark.firstAgoMs + tripMs < sinceMs) next = 1;
    // Some of them are older than our interest. How many is not known: one at least was lost.
    else if (mark.lastAgoMs + tripMs < sinceMs) next = sequence;
    if (known?.epoch === epoch && sequence <= known.last) return 0;
    const arrived = known?.epoch === epoch ? known : { epoch, first: next, last: next - 1, missing: null };
    remember(this.#arrived, from, arrived);
    arrived.last = sequence;
    if (sequence >= next) noteMissing(arrived, next, sequence + 1);
    return sequence - next + 1;
  }
}

function hasArrived({ first, last, missing }: Arrived, sequence: number): boolean {
  return sequence >= first && sequence <= last && missing?.has(sequence) !== true;
}

function noteMissing(arrived: Arrived, from: number, before: number): void {
  arrived.missing ??= new Set();
  for (let number = Math.max(from, before - maxMissing); number < before; number++) arrived.missing.add(number);
  for (const oldest of arrived.missing) {
    if (arrived.missing.size <= maxMissing) break;
    arrived.missing.delete(oldest);
  }
}
