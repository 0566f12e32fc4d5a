import {
  isId,
  maxEmailLength,
  maxIdLength,
  type RegulatorStatus,
  regulatorStatuses,
  roles,
} from '@roomcast/vmax-protocol';
import * as z from 'zod';
import { hashExpected, isPasswordHash } from '../accounts/passwords.js';

const id = z.string().refine(isId, { error: `expected 1 to ${maxIdLength} characters, no control characters` });

const regulator = z.strictObject({
  id,
  fleetId: id,
  barcode: z.string().max(256).optional(),
  status: z.enum(regulatorStatuses).optional(),
});

const user = z.strictObject({
  id,
  email: z.email().max(maxEmailLength),
  passwordHash: z.string().refine(isPasswordHash, { error: `expected ${hashExpected}` }),
  role: z.enum(roles),
  fleetId: id.nullable().default(null),
  ownedRegulatorIds: z.array(id).default([]),
  firstName: z.string().max(256).default(''),
  lastName: z.string().max(256).default(''),
});

/** A regulator of the directory. Barcode and status are only for the demo feed. */
export interface DirectoryRegulator {
  readonly id: string;
  readonly fleetId: string;
  readonly barcode?: string | undefined;
  readonly status?: RegulatorStatus | undefined;
}

/** Somebody who can log in. */
export type DirectoryUser = Readonly<z.output<typeof user>>;

/** What a directory file holds, with what answering needs. */
export class DirectoryData {
  readonly #fleets: ReadonlyMap<string, string>;
  readonly #byEmail: ReadonlyMap<string, DirectoryUser>;
  readonly #byId: ReadonlyMap<string, DirectoryUser>;

  constructor(
    readonly regulators: readonly DirectoryRegulator[],
    readonly users: readonly DirectoryUser[],
  ) {
    this.#fleets = new Map(regulators.map((one) => [one.id, one.fleetId]));
    this.#byEmail = new Map(users.map((one) => [one.email.toLowerCase(), one]));
    this.#byId = new Map(users.map((one) => [one.id, one]));
  }

  fleetOf(regulatorId: string): string | undefined {
    return this.#fleets.get(regulatorId);
  }

  /** Upper and lower case count the same. */
  userByEmail(email: string): DirectoryUser | undefined {
    return this.#byEmail.get(email.toLowerCase());
  }

  userById(userId: string): DirectoryUser | undefined {
    return this.#byId.get(userId);
  }
}

/** The schema of a directory file. */
export const directorySchema = z
  .strictObject({ regulators: z.array(regulator).default([]), users: z.array(user).default([]) })
  .superRefine(({ regulators, users }, context) => {
    const once = (list: 'regulators' | 'users', field: string, values: readonly string[]) => {
      const seen = new Set<string>();
      for (const [index, value] of values.entries()) {
        if (!seen.has(value)) seen.add(value);
        else context.addIssue({ code: 'custom', path: [list, index, field], message: `expected each ${field} once` });
      }
    };
    once(
      'regulators',
      'id',
      regulators.map((one) => one.id),
    );
    once(
      'users',
      'id',
      users.map((one) => one.id),
    );
    once(
      'users',
      'email',
      users.map((one) => one.email.toLowerCase()),
    );
  })
  .transform(({ regulators, users }) => new DirectoryData(regulators, users));
