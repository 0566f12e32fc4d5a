import * as z from 'zod/mini';

/** What a regulator can be at. */
export const regulatorStatuses = ['WAREHOUSE', 'READY', 'CHECKED_OUT', 'CHARGING', 'MAINTENANCE'] as const;

export type RegulatorStatus = (typeof regulatorStatuses)[number];

/** What a client may be told: a server may know statuses that this version does not. */
export type AnyStatus = RegulatorStatus | (string & Record<never, never>);

/** Only the known ones: for what is published. */
export const regulatorStatus = z.enum(regulatorStatuses);
