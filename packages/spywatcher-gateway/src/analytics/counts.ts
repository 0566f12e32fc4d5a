/** What is counted of a member. */
const countedKinds = ['messages', 'typing', 'presences'] as const;

export type Counted = (typeof countedKinds)[number];

/** The most that one part of the window holds of each: what is more counts as that. */
const most: Readonly<Record<Counted, number>> = { messages: 0xffff, typing: 0xffff, presences: 0xff };

type Part = Record<Counted, Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>;
type Totals = Record<Counted, Uint32Array<ArrayBuffer>>;

function newPart(rows: number): Part {
  return {
    messages: new Uint16Array(rows),
    typing: new Uint16Array(rows),
    // Of presences only matters whether there were five, and who had most.
    presences: new Uint8Array(rows),
  };
}

function newTotals(rows: number): Totals {
  return { messages: new Uint32Array(rows), typing: new Uint32Array(rows), presences: new Uint32Array(rows) };
}

/** Counts of members in a sliding window: 5 bytes a member for each part of it in which anything happened, and 12 for totals. */
export class Counts {
  readonly #parts = new Map<number, Part>();
  totals = newTotals(0);
  #capacity = 0;

  get bytes(): number {
    return this.#capacity * (5 * this.#parts.size + 12);
  }

  /** Makes room for so many members. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#move(rows, (from, to) => to.set(from));
  }

  /** Keeps these rows, in this order. */
  keep(rows: readonly number[]): void {
    this.#move(rows.length, (from, to) => {
      for (const [row, old] of rows.entries()) to[row] = from[old] as number;
    });
  }

  add(what: Counted, row: number, part: number): void {
    let counts = this.#parts.get(part);
    if (counts === undefined) {
      counts = newPart(this.#capacity);
      this.#parts.set(part, counts);
    }
    const count = counts[what][row] as number;
    if (count === most[what]) return;
    counts[what][row] = count + 1;
    (this.totals[what][row] as number)++;
  }

  /** Lets go of the parts before one. */
  forget(oldest: number): void {
    for (const [part, counts] of this.#parts) {
      if (part >= oldest) continue;
      this.#parts.delete(part);
      this.#addToTotals(counts, -1);
    }
  }

  /** Each part and what was counted of so many members in it, in base64. */
  saved(rows: number): SavedPart[] {
    const encoded = (column: Uint16Array | Uint8Array) => {
      const used = column.subarray(0, rows);
      return Buffer.from(used.buffer, used.byteOffset, used.byteLength).toString('base64');
    };
    return [...this.#parts].map(([part, { messages, typing, presences }]) => [
      part,
      encoded(messages),
      encoded(typing),
      encoded(presences),
    ]);
  }

  restore([part, messages, typing, presences]: SavedPart): void {
    const counts = newPart(this.#capacity);
    counts.messages.set(shorts(messages).subarray(0, this.#capacity));
    counts.typing.set(shorts(typing).subarray(0, this.#capacity));
    counts.presences.set(Buffer.from(presences, 'base64').subarray(0, this.#capacity));
    this.#parts.set(part, counts);
    this.#addToTotals(counts, 1);
  }

  #addToTotals(counts: Part, sign: 1 | -1): void {
    for (const what of countedKinds) {
      const totals = this.totals[what];
      const column = counts[what];
      for (let row = 0; row < column.length; row++)
        totals[row] = (totals[row] as number) + sign * (column[row] as number);
    }
  }

  #move(
    capacity: number,
    copy: (from: Part[Counted] | Totals[Counted], to: Part[Counted] | Totals[Counted]) => void,
  ): void {
    this.#capacity = capacity;
    const totals = newTotals(capacity);
    for (const what of countedKinds) copy(this.totals[what], totals[what]);
    this.totals = totals;
    for (const [part, before] of this.#parts) {
      const counts = newPart(capacity);
      for (const what of countedKinds) copy(before[what], counts[what]);
      this.#parts.set(part, counts);
    }
  }
}

/** A part of the window, and its columns in base64. */
export type SavedPart = [part: number, messages: string, typing: string, presences: string];

function shorts(base64: string): Uint16Array {
  const bytes = Buffer.from(base64, 'base64');
  // A buffer of its own begins where 16-bit numbers may begin.
  return new Uint16Array(Uint8Array.from(bytes).buffer, 0, Math.floor(bytes.length / 2));
}
