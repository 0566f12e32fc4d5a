/** The latest of many, newest first: adding one costs the same however many there were. */
export class Recent<Item> {
  readonly #items: (Item | undefined)[];
  #next = 0;
  #total = 0;

  constructor(readonly capacity: number) {
    this.#items = new Array(capacity);
  }

  /** How many are kept. */
  get length(): number {
    return Math.min(this.#total, this.capacity);
  }

  /** How many there ever were: a number that goes up by one with each. */
  get total(): number {
    return this.#total;
  }

  add(item: Item): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.capacity;
    this.#total++;
  }

  /** @param index 0 is the newest. */
  at(index: number): Item | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return this.#items[(this.#next - 1 - index + this.capacity) % this.capacity];
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#next = 0;
    this.#total = 0;
  }

  /** Newest first. */
  *[Symbol.iterator](): IterableIterator<Item> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as Item;
  }
}
