import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutPage, mergePages, type Page, PageBuilder, type PageOptions } from '../src/pages.js';

interface Item {
  key: string;
  count: number;
}
const keyOf = ({ key }: Item) => key;

function pageOf(items: Iterable<Item>, options: PageOptions): Page<Item> {
  const builder = new PageBuilder<Item>(keyOf, options);
  for (const item of items) builder.add(item);
  return builder.page();
}

/** Every page, one after the other. */
function all(limit: number, pageAfter: (after: string | undefined) => Page<Item>): Item[] {
  const seen: Item[] = [];
  let after: string | undefined;
  do {
    const { items, next } = pageAfter(after);
    expect(items.length).toBeLessThanOrEqual(limit);
    if (next !== null) expect(items.length).toBeGreaterThan(0);
    seen.push(...items);
    after = next ?? undefined;
  } while (after !== undefined);
  return seen;
}

const keys = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 30 });
const limits = fc.integer({ min: 1, max: 5 });

test('the pages of a list, one after the other, are the sorted list', () => {
  fc.assert(
    fc.property(keys, limits, (names, limit) => {
      const items = names.map((key) => ({ key, count: 1 }));
      const seen = all(limit, (after) => {
        const page = pageOf(items, { limit, after });
        expect(page.total).toBe(names.length);
        return page;
      });
      expect(seen.map(keyOf)).toEqual([...names].sort());
    }),
  );
});

test('so are the merged pages of several lists, however short each is cut, with what is on several combined', () => {
  fc.assert(
    fc.property(
      fc.array(keys, { maxLength: 4 }),
      limits,
      fc.integer({ min: 1, max: 60 }),
      (lists, limit, maxLength) => {
        const items = lists.map((names) => names.map((key) => ({ key, count: 1 })));
        const add = (one: Item, other: Item) => ({ key: one.key, count: one.count + other.count });
        const seen = all(limit, (after) => {
          const pages = items.map((list) => cutPage(pageOf(list, { limit, after }), keyOf, maxLength));
          return mergePages(pages, keyOf, limit, add);
        });
        const expected = [...new Set(lists.flat())].sort();
        const times = (key: string) => lists.filter((names) => names.includes(key)).length;
        expect(seen).toEqual(expected.map((key) => ({ key, count: times(key) })));
      },
    ),
  );
});

test('a merged page has the total of all', () => {
  const pages = [pageOf([{ key: 'a', count: 1 }], { limit: 1 }), pageOf([{ key: 'b', count: 1 }], { limit: 1 })];
  expect(mergePages(pages, keyOf, 5)).toEqual({
    items: [
      { key: 'a', count: 1 },
      { key: 'b', count: 1 },
    ],
    total: 2,
    next: null,
  });
  expect(mergePages(pages, keyOf, 1)).toMatchObject({ items: [{ key: 'a' }], next: 'a' });
});
