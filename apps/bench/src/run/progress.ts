import type { Case } from '../cases/case.js';

/** Tells how far it is and how long it will take: by the lengths that the cases expect, set right by how it went so far. */
export class Progress {
  readonly #started = performance.now();
  readonly #total: number;
  #done = 0;

  constructor(
    readonly cases: readonly Case[],
    readonly roundsOf: (it: Case) => number,
    readonly write: (text: string) => void,
  ) {
    this.#total = cases.reduce((sum, it) => sum + it.about * it.contenders.length * roundsOf(it), 0);
  }

  /** A measurement begins; or begins again, where what disturbed it is told. */
  tell(it: Case, round: number, contender: string, disturbance?: string): void {
    const place = `${this.cases.indexOf(it) + 1}/${this.cases.length}`;
    const elapsed = (performance.now() - this.#started) / 1000;
    const left = this.#done === 0 ? '' : `, ${minutes((elapsed / this.#done) * (this.#total - this.#done))} left`;
    const again = disturbance === undefined ? '' : ` again, since ${disturbance}`;
    this.write(`[${place}] ${it.name}, round ${round}/${this.roundsOf(it)}: ${contender}${again}${left}`);
    if (disturbance === undefined) this.#done += it.about;
  }
}

function minutes(seconds: number): string {
  return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s` : `about ${Math.round(seconds / 60)} min`;
}
