import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Distinct } from '../src/distinct.js';

/** What several instances count together, each with its own names. */
function together(...lists: readonly Iterable<string>[]) {
  const sum = new Distinct();
  for (const names of lists) {
    const own = new Distinct();
    for (const name of names) own.add(name);
    sum.merge(own.encode());
  }
  return sum.count();
}

function* numbered(from: number, to: number): IterableIterator<string> {
  for (let number = from; number < to; number++) yield `system:${number}`;
}

describe('names on several instances', () => {
  test('are counted exactly while they are few, those on several once', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ maxLength: 4 }))), (lists) => {
        expect(together(...lists)).toEqual({ total: new Set(lists.flat()).size, isEstimate: false });
      }),
    );
  });

  test.each([
    [16_384, false],
    [16_385, true],
  ])('exactly up to 16,384: %i', (count, isEstimate) => {
    const { total, isEstimate: is } = together(numbered(0, count), numbered(0, count));
    expect(is).toBe(isEstimate);
    expect(Math.abs(total - count)).toBeLessThanOrEqual(isEstimate ? 500 : 0);
  });

  test('and within three percent beyond, in a bounded memory', () => {
    const { total, isEstimate } = together(numbered(0, 200_000), numbered(100_000, 300_000), numbered(0, 10));
    expect(isEstimate).toBe(true);
    expect(Math.abs(total / 300_000 - 1)).toBeLessThan(0.03);
    const large = new Distinct();
    for (const name of numbered(0, 100_000)) large.add(name);
    expect(large.encode().length).toBeLessThan(180_000);
  });

  test.each(['', 'AAAA', Buffer.alloc(8).toString('base64'), 'A'.repeat(400_000)])(
    'in a text that is none are refused',
    (text) => {
      expect(() => new Distinct().merge(text)).toThrow(RangeError);
    },
  );
});
