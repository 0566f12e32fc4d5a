export interface Scored {
  readonly row: number;
  readonly score: number;
}

/** The `most` best of what was offered, best first. Of equals the first offered is the better one. */
export class Top {
  readonly best: Scored[] = [];

  constructor(readonly most: number) {}

  offer(row: number, score: number): void {
    const { best, most } = this;
    if (best.length === most && score <= (best[most - 1] as Scored).score) return;
    let at = best.length;
    while (at > 0 && (best[at - 1] as Scored).score < score) at--;
    best.splice(at, 0, { row, score });
    if (best.length > most) best.pop();
  }
}
