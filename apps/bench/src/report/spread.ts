/** A figure over several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** The distance between the extremes as a share of the median. */
  readonly share: number;
}

/** Undefined of none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [least] = sorted;
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) return undefined;
  const half = sorted.length / 2;
  const [below = least, above = most] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  const median = (below + above) / 2;
  return { median, least, most, share: median === 0 ? 0 : (most - least) / Math.abs(median) };
}
