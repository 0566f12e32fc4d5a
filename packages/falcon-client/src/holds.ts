/** What several callers want, each key for as long as one of them does, and what the server was told of it. */
export class Holds {
  readonly #counts = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(private readonly changed: () => void) {}

  /** Everything that is wanted. */
  get list(): readonly string[] {
    return [...this.#counts.keys()];
  }

  has(key: string): boolean {
    return this.#counts.has(key);
  }

  /** Returns the way to want it no more, which may be called again. */
  hold(key: string): () => void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.changed();
    let release = () => {
      release = () => {};
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
      this.changed();
    };
    return () => release();
  }

  /** What the server has yet to be told. It counts as told from now on. */
  take(): { readonly wanted: readonly string[]; readonly unwanted: readonly string[] } {
    const wanted = this.list.filter((key) => !this.#told.has(key));
    const unwanted = [...this.#told].filter((key) => !this.#counts.has(key));
    for (const key of wanted) this.#told.add(key);
    for (const key of unwanted) this.#told.delete(key);
    return { wanted, unwanted };
  }

  /** The server does not know of this any more. */
  forget(key: string): void {
    this.#told.delete(key);
  }

  /** The connection is gone, and with it what the server was told. */
  interrupted(): void {
    this.#told.clear();
  }
}
