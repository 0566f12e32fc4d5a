/**
 * What the owner wants of a server, apart from what any connection knows: on each connection everything wanted is asked
 * for, once. A wish replaces the one with the same key.
 */
export class Wishes<Wish> {
  readonly #wanted = new Map<string, Wish>();
  readonly #unasked = new Set<string>();

  constructor(private readonly keyOf: (wish: Wish) => string) {}

  /** Everything that is wanted, in the order it was wished. */
  get list(): readonly Wish[] {
    return [...this.#wanted.values()];
  }

  get(key: string): Wish | undefined {
    return this.#wanted.get(key);
  }

  /** Wants it from now on, and has it asked for (again, if need be) on the connection of now or the next one. */
  add(wish: Wish): void {
    const key = this.keyOf(wish);
    this.#wanted.set(key, wish);
    this.#unasked.add(key);
  }

  /** Whether it was wanted. */
  remove(key: string): boolean {
    this.#unasked.delete(key);
    return this.#wanted.delete(key);
  }

  /** What was not asked for on this connection yet. It counts as asked from now on. */
  takeUnasked(): readonly Wish[] {
    const taken = [...this.#wanted].filter(([key]) => this.#unasked.has(key)).map(([, wish]) => wish);
    this.#unasked.clear();
    return taken;
  }

  /** The connection is gone, and with it what the server knew. */
  interrupted(): void {
    for (const key of this.#wanted.keys()) this.#unasked.add(key);
  }
}
