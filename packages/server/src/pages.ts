/** A part of a list that is in the order of its keys. */
export interface Page<Item> {
  items: Item[];
  /** How many there are on all pages. */
  total: number;
  /** The `after` of the next page; null on the last. */
  next: string | null;
}

export interface PageOptions {
  limit: number;
  /** The key before the page's first. */
  after?: string | undefined;
}

/**
 * The `limit` items with the smallest keys above `after`, in one pass that keeps no more than the page. Because pages are
 * cut by key, those of several instances can be merged, sorted and cut again.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, after }: PageOptions,
): Page<Item> {
  const page: { key: string; item: Item }[] = [];
  let total = 0;
  let further = false;
  for (const item of items) {
    total++;
    const key = keyOf(item);
    if (after !== undefined && key <= after) continue;
    if (page.length === limit) {
      further = true;
      if (key >= (page[limit - 1]?.key as string)) continue;
      page.pop();
    }
    page.splice(placeOf(page, key), 0, { key, item });
  }
  return { items: page.map(({ item }) => item), total, next: further ? (page.at(-1)?.key ?? null) : null };
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
