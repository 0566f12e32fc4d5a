/** Remembers the killmail ids that came last, so that each is delivered and counted once. */
export class Seen {
  readonly #ids = new Set<number>();

  /** @param max ids remembered; the default is about four days of New Eden's kills and 8 MB. */
  constructor(readonly max = 100_000) {}

  /** True when the id is new. */
  add(id: number): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.max) this.#ids.delete(this.#ids.values().next().value as number);
    return true;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  save(): number[] {
    return [...this.#ids];
  }
}
