import type { ShareEntry } from './messages.js';

/** Changes kept for a whole that is under way; over it the newest are let go, and the next sign of life shows it. */
const maxEarly = 1000;

/** One message of a whole share. */
export interface SharePart {
  readonly revision: number;
  readonly part: number;
  readonly parts: number;
  readonly entries: readonly ShareEntry[];
}

/** A whole share of another instance that comes in parts, and the changes that came before it was there. */
export class Arriving {
  #revision = -1;
  #parts: (readonly ShareEntry[] | undefined)[] = [];
  readonly #early = new Map<number, readonly ShareEntry[]>();

  /** Whether parts of a whole are missing. */
  get isIncomplete(): boolean {
    return this.#parts.length > 0;
  }

  get isEmpty(): boolean {
    return this.#early.size === 0;
  }

  /** Adds a part. Returns the whole with its last part. */
  part({ revision, part, parts, entries }: SharePart): readonly ShareEntry[] | undefined {
    if (revision !== this.#revision || parts !== this.#parts.length) {
      this.#revision = revision;
      this.#parts = new Array<undefined>(parts).fill(undefined);
    }
    this.#parts[part] = entries;
    if (this.#parts.includes(undefined)) return undefined;
    const whole = this.#parts.flat() as ShareEntry[];
    this.#revision = -1;
    this.#parts = [];
    return whole;
  }

  keep(revision: number, entries: readonly ShareEntry[]): void {
    if (this.#early.size < maxEarly) this.#early.set(revision, entries);
  }

  /** The changes of the revision after the one that is known, once; what is older is let go. */
  next(known: number): readonly ShareEntry[] | undefined {
    for (const revision of this.#early.keys()) if (revision <= known) this.#early.delete(revision);
    return this.#early.get(known + 1);
  }
}
