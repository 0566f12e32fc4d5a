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

/** What an envelope is beside those that came before it: the next one, one that comes late or twice, or one after a gap. */
export type Place = { kind: 'next' } | { kind: 'late' } | { kind: 'gap'; missed: number };

/** Follows the numbers of every publisher of one topic. */
export class Following {
  readonly #last = new Map<string, { epoch: string; sequence: number }>();

  place({ from, epoch, sequence }: Envelope): Place {
    const last = this.#last.get(from);
    if (last?.epoch === epoch && sequence <= last.sequence) return { kind: 'late' };
    remember(this.#last, from, { epoch, sequence });
    if (last === undefined || sequence === last.sequence + 1) return { kind: 'next' };
    // A publisher that began anew says nothing about how its old numbers ended, but its new ones begin with 1.
    const missed = last.epoch === epoch ? sequence - last.sequence - 1 : sequence - 1;
    return missed > 0 ? { kind: 'gap', missed } : { kind: 'next' };
  }
}
