import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageRate } from '../src/index.js';

const minuteMs = 60_000;
const start = Date.UTC(2026, 0, 1);

describe('a message rate', () => {
  it('allows the limit in a window, and again when the first of them are a window old', () => {
    const rate = new MessageRate();
    const allow = (atMs: number) => rate.allow(start + atMs, 20, minuteMs);
    for (let count = 0; count < 20; count++) expect(allow(count)).toBe(true);
    expect(allow(59_000)).toBe(false);
    for (let count = 0; count < 20; count++) expect(allow(61_000 + count)).toBe(true);
    expect(allow(62_000)).toBe(false);
  });

  it('does not count what it refuses', () => {
    const rate = new MessageRate();
    const results = Array.from({ length: 5 }, (_, index) => rate.allow(start + index, 2, minuteMs));
    expect(results).toEqual([true, true, false, false, false]);
    expect(rate.allow(start + 61_001, 2, minuteMs)).toBe(true);
  });

  it('goes on counting when the clock is set back', () => {
    const rate = new MessageRate();
    expect(rate.allow(start, 2, minuteMs)).toBe(true);
    expect(rate.allow(start - minuteMs, 2, minuteMs)).toBe(true);
    expect(rate.allow(start - minuteMs, 2, minuteMs)).toBe(false);
  });

  it('never allows more than the limit in any window, and refuses nobody who stays below it by a sixtieth', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 });
    await fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 10 }), (steps, limit) => {
        const rate = new MessageRate();
        const allowed: number[] = [];
        let now = start;
        for (const gap of steps) {
          now += gap;
          const within = (ms: number) => allowed.filter((at) => at > now - ms).length;
          const before = within(minuteMs);
          const beforeAndAWhile = within(minuteMs + minuteMs / 60);
          const result = rate.allow(now, limit, minuteMs);
          if (result) allowed.push(now);
          if (before >= limit) expect(result).toBe(false);
          if (beforeAndAWhile < limit) expect(result).toBe(true);
        }
      }),
    );
  });
});
