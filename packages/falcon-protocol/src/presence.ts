import * as z from 'zod/mini';
import { id } from './ids.js';
import { isRecord } from './json.js';

export const presenceStatuses = ['online', 'away', 'offline'] as const;

export type PresenceStatus = (typeof presenceStatuses)[number];

/** How a user is, as one says of oneself and as others are told. */
export interface Presence {
  readonly userId: string;
  readonly status: PresenceStatus;
  /** Whatever the user's application wants to show: at most `maxMetadataBytes` of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** The `data` of a presence, in both directions. */
export const presence = /* @__PURE__ */ (() =>
  z.object({
    userId: id,
    status: z.enum(presenceStatuses),
    metadata: z.optional(z.custom<Readonly<Record<string, unknown>>>(isRecord, { error: 'expected an object' })),
  }))();
