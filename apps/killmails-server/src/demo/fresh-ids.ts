const startOf2026Ms = Date.UTC(2026, 0, 1);
/** Above every real killmail's id of today, so that nobody takes the one for the other. */
const firstId = 500_000_000;
const perIdMs = 500;

/**
 * Killmail ids that no earlier process gave out, without remembering any: they follow the time, two to the second, and
 * stay within 32 bits until 2052.
 */
export class FreshIds {
  #last = 0;

  next(now: number): number {
    this.#last = Math.max(this.#last + 1, firstId + Math.floor((now - startOf2026Ms) / perIdMs));
    return this.#last;
  }
}
