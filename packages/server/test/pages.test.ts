import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageOf } from '../src/pages.js';

test('the pages of a list, one after the other, are the sorted list', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 5 }), (keys, limit) => {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const { items, total, next } = pageOf(keys, (key) => key, { limit, after });
        expect(total).toBe(keys.length);
        expect(items.length).toBeLessThanOrEqual(limit);
        seen.push(...items);
        after = next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual([...keys].sort());
    }),
  );
});
