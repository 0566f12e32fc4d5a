import type { Mark } from './wire.js';

/** What one listener heard of one publisher. */
export interface Row {
  readonly listener: string;
  readonly publisher: string;
  /** Publish requests answered with 202. */
  readonly accepted: number;
  /** Those answered with 503, or not at all: delivered where they were published, perhaps elsewhere. */
  readonly unsure: number;
  readonly heard: number;
  /** Accepted and not heard. */
  readonly missing: number;
  readonly twice: number;
  /** Heard after one that was published later. */
  readonly late: number;
}

/** Everything published and everything heard since it was begun, and what follows from comparing the two. */
export class Ledger {
  readonly #accepted = new Map<string, Set<number>>();
  readonly #unsure = new Map<string, Set<number>>();
  readonly #heard = new Map<string, Mark[]>();

  /** @param from events with lower numbers belong to an earlier ledger */
  constructor(readonly from: number) {}

  /** A publish request was answered; 0: it was not. The answer to a repeat takes the place of the one before. */
  published({ publisher, n }: Mark, status: number): void {
    this.#unsure.get(publisher)?.delete(n);
    const marks = status === 202 ? this.#accepted : this.#unsure;
    marks.set(publisher, (marks.get(publisher) ?? new Set()).add(n));
  }

  isAccepted({ publisher, n }: Mark): boolean {
    return this.#accepted.get(publisher)?.has(n) === true;
  }

  heard(listener: string, mark: Mark): void {
    if (mark.n < this.from) return;
    const marks = this.#heard.get(listener) ?? [];
    marks.push(mark);
    this.#heard.set(listener, marks);
  }

  /** How many different events a listener has heard of a publisher. */
  count(listener: string, publisher: string): number {
    return new Set(this.#numbers(listener, publisher)).size;
  }

  accepted(publisher: string): number {
    return this.#accepted.get(publisher)?.size ?? 0;
  }

  rows(listeners: readonly string[], publishers: readonly string[]): Row[] {
    return listeners.flatMap((listener) => publishers.map((publisher) => this.#row(listener, publisher)));
  }

  #row(listener: string, publisher: string): Row {
    const numbers = this.#numbers(listener, publisher);
    const different = new Set(numbers);
    const accepted = this.#accepted.get(publisher) ?? new Set();
    let highest = -1;
    let late = 0;
    for (const n of numbers) {
      if (n < highest) late++;
      highest = Math.max(highest, n);
    }
    return {
      listener,
      publisher,
      accepted: accepted.size,
      unsure: this.#unsure.get(publisher)?.size ?? 0,
      heard: different.size,
      missing: [...accepted].filter((n) => !different.has(n)).length,
      twice: numbers.length - different.size,
      late,
    };
  }

  #numbers(listener: string, publisher: string): number[] {
    return (this.#heard.get(listener) ?? []).filter((mark) => mark.publisher === publisher).map(({ n }) => n);
  }
}

/** Rows as text in columns. */
export function table(title: string, rows: readonly Row[]): string {
  const columns = ['listener', 'publisher', 'accepted', 'unsure', 'heard', 'missing', 'twice', 'late'] as const;
  const line = (cells: readonly unknown[]) => cells.map((cell) => String(cell).padStart(9)).join(' ');
  return [title, line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n');
}
