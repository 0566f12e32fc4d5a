/** A part of a list that is in the order of its keys. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** How many there are on all pages. */
  readonly total: number;
  /** The `after` of the next page; null on the last. */
  readonly next: string | null;
}

export interface PageOptions {
  limit: number;
  /** The key before the page's first. */
  after?: string | undefined;
}

/** Collects the `limit` items with the smallest keys above `after`, keeping no more than those. */
export class PageBuilder<Item> {
  readonly #page: { key: string; item: Item }[] = [];
  #total = 0;
  #further = false;

  constructor(
    readonly keyOf: (item: Item) => string,
    readonly options: PageOptions,
  ) {}

  add(item: Item): void {
    const { limit, after } = this.options;
    const page = this.#page;
    this.#total++;
    const key = this.keyOf(item);
    if (after !== undefined && key <= after) return;
    if (page.length === limit) {
      this.#further = true;
      if (key >= (page[limit - 1]?.key as string)) return;
      page.pop();
    }
    page.splice(placeOf(page, key), 0, { key, item });
  }

  page(): Page<Item> {
    const next = this.#further ? (this.#page.at(-1)?.key ?? null) : null;
    return { items: this.#page.map(({ item }) => item), total: this.#total, next };
  }
}

/** The beginning of a page whose items have together at most so many characters as JSON: at least one of them. */
export function cutPage<Item>(page: Page<Item>, keyOf: (item: Item) => string, maxLength: number): Page<Item> {
  let length = 0;
  for (const [index, item] of page.items.entries()) {
    length += JSON.stringify(item).length;
    if (length <= maxLength || index === 0) continue;
    return { ...page, items: page.items.slice(0, index), next: keyOf(page.items[index - 1] as Item) };
  }
  return page;
}

/**
 * One page of what several instances have. What comes after the end of anybody's page is left for the next one, since
 * that instance may have more before it. `combine` makes one item of two with the same key.
 */
export function mergePages<Item>(
  pages: readonly Page<Item>[],
  keyOf: (item: Item) => string,
  limit: number,
  combine: (one: Item, other: Item) => Item = (one) => one,
): Page<Item> {
  const ends = pages.flatMap(({ next }) => (next === null ? [] : [next])).sort();
  const [end] = ends;
  const byKey = new Map<string, Item>();
  let leftOut = end !== undefined;
  for (const item of pages.flatMap(({ items }) => items)) {
    const key = keyOf(item);
    const before = byKey.get(key);
    if (end !== undefined && key > end) leftOut = true;
    else byKey.set(key, before === undefined ? item : combine(before, item));
  }
  const keys = [...byKey.keys()].sort();
  const items = keys.slice(0, limit).map((key) => byKey.get(key) as Item);
  const next = leftOut || keys.length > limit ? (keys[items.length - 1] ?? null) : null;
  return { items, total: pages.reduce((sum, { total }) => sum + total, 0), next };
}

function placeOf(page: readonly { key: string }[], key: string): number {
  let low = 0;
  let high = page.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((page[middle] as { key: string }).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
