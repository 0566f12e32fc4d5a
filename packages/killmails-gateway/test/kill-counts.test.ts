import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KillCounts } from '../src/kill-counts.js';

const minuteMs = 60_000;
const start = Date.UTC(2026, 0, 1);

describe('KillCounts', () => {
  it('counts every kill of the window, and none that is older', () => {
    const counts = new KillCounts(1);
    expect(counts.add(30000142, start)).toBe(1);
    expect(counts.add(30000142, start + 30 * minuteMs)).toBe(2);
    expect(counts.total(30000142, start + 59 * minuteMs)).toBe(2);
    expect(counts.total(30000142, start + 60 * minuteMs)).toBe(1);
    expect(counts.total(30000142, start + 90 * minuteMs)).toBe(0);
    expect(counts.total(30002187, start)).toBe(0);
  });

  it('counts late ones in the minutes in which they were seen elsewhere', () => {
    const counts = new KillCounts(1);
    const minute = start / minuteMs;
    const now = start + 50 * minuteMs;
    counts.add(1, now);
    counts.add(1, now, minute + 20);
    counts.add(1, now, minute);
    counts.add(1, now, minute + 20);
    counts.add(2, now, minute - 20);
    expect(counts.save()).toEqual([
      [
        1,
        [
          [minute, 1],
          [minute + 20, 2],
          [minute + 50, 1],
        ],
      ],
    ]);
    expect([counts.total(1, now), counts.total(2, now)]).toEqual([4, 0]);
    expect(counts.total(1, start + 60 * minuteMs)).toBe(3);
    expect(counts.total(1, start + 80 * minuteMs)).toBe(1);
  });

  it('agrees with a plain list of times', async () => {
    const kills = fc.array(
      fc.record({ system: fc.integer({ min: 1, max: 3 }), afterMinutes: fc.integer({ min: 0, max: 40 }) }),
    );
    await fc.assert(
      fc.property(kills, (steps) => {
        const counts = new KillCounts(1);
        const seen: { system: number; minute: number }[] = [];
        let minute = start / minuteMs;
        for (const { system, afterMinutes } of steps) {
          minute += afterMinutes;
          seen.push({ system, minute });
          const expected = seen.filter((kill) => kill.system === system && kill.minute > minute - 60).length;
          expect(counts.add(system, minute * minuteMs)).toBe(expected);
        }
      }),
    );
  });

  it('is the same after a restart', () => {
    const counts = new KillCounts(24);
    counts.add(1, start);
    counts.add(1, start + minuteMs);
    counts.add(2, start);
    const restored = new KillCounts(24);
    restored.restore(JSON.parse(JSON.stringify(counts.save())));
    expect(restored.total(1, start + minuteMs)).toBe(2);
    expect(restored.total(2, start + minuteMs)).toBe(1);
    expect(restored.add(1, start + 2 * minuteMs)).toBe(3);
  });

  it('lets go of quiet systems', () => {
    const counts = new KillCounts(1);
    counts.add(1, start);
    counts.prune(start + 61 * minuteMs);
    expect(counts.save()).toEqual([]);
  });
});
