import * as z from 'zod/mini';

/** The times that `Date` has, in milliseconds to either side of 1970. */
const maxMs = 8.64e15;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** The moment of a `timestamp`: epoch milliseconds or RFC 3339. Undefined where it is neither. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= maxMs ? value : undefined;
  if (typeof value !== 'string' || !rfc3339.test(value)) return undefined;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? undefined : moment;
}

/** A `timestamp` as it comes in. */
export const timestamp = /* @__PURE__ */ (() =>
  z.custom<string | number>((value) => momentOf(value) !== undefined, {
    error: 'expected epoch milliseconds or an RFC 3339 time',
  }))();
