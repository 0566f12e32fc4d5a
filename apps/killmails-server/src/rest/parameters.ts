import { maxSystemId } from '@roomcast/killmails-protocol';
import * as z from 'zod';

/** Kills of one system in one answer. */
const maxKills = 1000;
const defaultKills = 50;
const defaultHours = 24;
/** Systems of one bulk request. */
const maxBulkSystems = 1000;

const aSystem = `expected a system id from 1 to ${maxSystemId}`;
const aKillmail = 'expected a killmail id, 1 or more';
const hoursAboveZero = 'expected a number of hours above 0';
const aLimit = `expected a number from 1 to ${maxKills}`;
const someSystems = `expected 1 to ${maxBulkSystems} system ids`;

/** Digits, as paths and queries carry numbers. */
const digits = (expected: string) =>
  z
    .string()
    .regex(/^\d{1,16}$/, expected)
    .transform(Number);

const system = z.int(aSystem).min(1, aSystem).max(maxSystemId, aSystem);
const hours = z.number(hoursAboveZero).positive(hoursAboveZero);
const limit = z.int(aLimit).min(1, aLimit).max(maxKills, aLimit);

/** The last part of a path that names a system. */
export const systemId = digits(aSystem).pipe(system);

/** The last part of a path that names a killmail. */
export const killmailId = digits(aKillmail).pipe(z.int(aKillmail).min(1, aKillmail));

/** The query of a system's kills. */
export const recentQuery = z.object({
  since_hours: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, hoursAboveZero)
    .transform(Number)
    .pipe(hours)
    .default(defaultHours),
  limit: digits(aLimit).pipe(limit).default(defaultKills),
});

/** The body of the bulk request. */
export const bulkBody = z.object(
  {
    system_ids: z.array(system, someSystems).min(1, someSystems).max(maxBulkSystems, someSystems),
    since_hours: hours.default(defaultHours),
    limit: limit.nullish().transform((value) => value ?? defaultKills),
  },
  'expected a JSON object with system_ids',
);

/** What is wrong, field by field. */
export function issuesOf(error: z.ZodError): { issues: { path: string; message: string }[] } {
  return { issues: error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message })) };
}
