import type { Group } from '@roomcast/falcon-gateway';
import { isAssigned, isId, maxIdLength } from '@roomcast/falcon-protocol';
import * as z from 'zod';

const id = z.string().refine(isId, { error: `expected 1 to ${maxIdLength} characters, no control characters` });

const group = z.strictObject({ id, name: z.string().max(256).optional(), members: z.array(id).default([]) });

const room = z.strictObject({
  id: id.refine((value) => !isAssigned(value), { error: 'expected no room that the server assigns (user:, group:)' }),
  everybody: z.boolean().default(false),
  members: z.array(id).default([]),
  groups: z.array(id).default([]),
});

interface Admitted {
  readonly everybody: boolean;
  readonly members: ReadonlySet<string>;
  readonly groups: readonly string[];
}

/** What a directory file holds, with what answering needs. */
export class DirectoryData {
  readonly #groupsOf = new Map<string, Group[]>();
  readonly #rooms: ReadonlyMap<string, Admitted>;

  constructor(
    groups: readonly z.output<typeof group>[],
    rooms: readonly z.output<typeof room>[],
    /** Who may enter rooms that are not listed. */
    readonly otherRooms: 'everybody' | 'nobody',
  ) {
    for (const { id, name, members } of groups) {
      for (const member of members) {
        const known = this.#groupsOf.get(member);
        if (known === undefined) this.#groupsOf.set(member, [{ id, name }]);
        else known.push({ id, name });
      }
    }
    this.#rooms = new Map(
      rooms.map(({ id, members, ...admitted }) => [id, { ...admitted, members: new Set(members) }]),
    );
  }

  groupsOf(userId: string): readonly Group[] {
    return this.#groupsOf.get(userId) ?? [];
  }

  mayEnter(userId: string, room: string): boolean {
    const admitted = this.#rooms.get(room);
    if (admitted === undefined) return this.otherRooms === 'everybody';
    if (admitted.everybody || admitted.members.has(userId)) return true;
    return this.groupsOf(userId).some(({ id }) => admitted.groups.includes(id));
  }
}

/** The schema of a directory file. */
export const directorySchema = z
  .strictObject({
    groups: z.array(group).default([]),
    rooms: z.array(room).default([]),
    otherRooms: z.enum(['everybody', 'nobody']).default('nobody'),
  })
  .superRefine(({ groups, rooms }, context) => {
    for (const [list, entries] of Object.entries({ groups, rooms })) {
      const seen = new Set<string>();
      for (const [index, { id }] of entries.entries()) {
        if (seen.has(id))
          context.addIssue({ code: 'custom', path: [list, index, 'id'], message: 'expected each id once' });
        seen.add(id);
      }
    }
  })
  .transform(({ groups, rooms, otherRooms }) => new DirectoryData(groups, rooms, otherRooms));
