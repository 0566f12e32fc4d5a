import type { Envelope } from './envelope.js';

/** Topics or publishers remembered at most; the longest unused is forgotten, and starts a new epoch when it returns. */
const maxRemembered = 100_000;

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > maxRemembered) map.delete(map.keys().next().value as string);
}

/** Numbers what this instance publishes, for each topic on its own. */
export class Numbering {
  readonly #last = new Map<string, { epoch: string; sequence: number }>();
  #epochs = 0;

  constructor(readonly instance: string) {}

  next(topic: string): { epoch: string; sequence: number } {
    const last = this.#last.get(topic) ?? { epoch: `${this.instance}.${++this.#epochs}`, sequence: 0 };
    last.sequence++;
    remember(this.#last, topic, last);
    return { ...last };
  }
}

/** Missing numbers remembered for each publisher; over it the oldest are given up. */
const maxMissing = 1000;

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
