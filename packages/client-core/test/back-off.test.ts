import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptCounter, backOffDefaults, backOffMs } from '../src/index.js';

const limits = fc.record({ baseMs: fc.integer({ min: 1, max: 10_000 }), capMs: fc.integer({ min: 1, max: 600_000 }) });
const attempt = fc.integer({ min: 1, max: 5_000 });
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('back-off', () => {
  it('waits between nothing and the ceiling', () => {
    fc.assert(
      fc.property(attempt, limits, fraction, (n, given, at) => {
        const waitMs = backOffMs(n, given, () => at);
        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(given.capMs, given.baseMs * 2 ** (n - 1)));
      }),
    );
  });

  it('never waits less for a later attempt, given the same luck', () => {
    fc.assert(
      fc.property(attempt, limits, fraction, (n, given, at) => {
        const luck = () => at;
        expect(backOffMs(n + 1, given, luck)).toBeGreaterThanOrEqual(backOffMs(n, given, luck));
      }),
    );
  });

  it('doubles up to the cap', () => {
    const almost = () => 0.999_999_999;
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => backOffMs(n, { baseMs: 500, capMs: 30_000 }, almost));
    expect(waits).toEqual([499, 999, 1999, 3999, 7999, 15_999, 29_999, 29_999]);
  });

  it('uses the whole range, with its own randomness and defaults', () => {
    const waits = Array.from({ length: 2_000 }, () => backOffMs(100));
    expect(Math.max(...waits)).toBeGreaterThan(backOffDefaults.capMs * 0.9);
    expect(Math.min(...waits)).toBeLessThan(backOffDefaults.capMs * 0.1);
  });
});

describe('the attempt counter', () => {
  function counter(minUptimeMs = 1_000) {
    const clock = { ms: 0 };
    return { clock, attempts: new AttemptCounter(minUptimeMs, () => clock.ms) };
  }

  it('counts failures in a row', () => {
    const { attempts } = counter();
    expect([attempts.failed(), attempts.failed(), attempts.failed()]).toEqual([1, 2, 3]);
  });

  it('starts again after a connection that held', () => {
    const { attempts, clock } = counter();
    attempts.failed();
    attempts.failed();
    attempts.opened();
    clock.ms += 1_000;
    expect(attempts.failed()).toBe(1);
  });

  it('counts on after a connection that did not hold', () => {
    const { attempts, clock } = counter();
    attempts.failed();
    attempts.opened();
    clock.ms += 999;
    expect(attempts.failed()).toBe(2);
    clock.ms += 10_000;
    expect(attempts.failed()).toBe(3);
  });

  it('is one more than the failures since a connection last held', () => {
    const step = fc.record({ opens: fc.boolean(), heldMs: fc.integer({ min: 0, max: 2_000 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { attempts, clock } = counter();
        let expected = 0;
        for (const { opens, heldMs } of steps) {
          if (opens) attempts.opened();
          clock.ms += heldMs;
          expected = opens && heldMs >= 1_000 ? 1 : expected + 1;
          expect(attempts.failed()).toBe(expected);
        }
      }),
    );
  });
});
