import { analyticsWindowMs } from '@roomcast/spywatcher-protocol';

/** The parts in which the window moves on: what a member did counts for at least 6 days and 18 hours, at most 7 days. */
const partMs = 6 * 3_600_000;

const parts = analyticsWindowMs / partMs;

/** The part that a time is in, in parts since the epoch. */
export function partOf(time: number): number {
  return Math.floor(time / partMs);
}

/** The oldest part that counts. */
export function oldestPart(now: number): number {
  return partOf(now) - parts + 1;
}
