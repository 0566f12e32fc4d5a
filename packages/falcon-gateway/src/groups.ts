import type { Logger } from '@roomcast/engine';
import type { FalconUser, GroupMembershipChange } from '@roomcast/falcon-protocol';
import type { FalconDirectory, Group } from './options.js';

/** Changes that came while the directory was being asked about a user. */
interface Lookup {
  pending: number;
  readonly changes: Map<string, GroupMembershipChange>;
}

/** A user's groups: the directory's answer, and what has been published since it was asked. */
export class Groups {
  readonly #lookups = new Map<string, Lookup>();

  constructor(
    readonly directory: FalconDirectory,
    readonly logger: Logger,
  ) {}

  /** The groups by id; undefined where that can't be found out now. */
  async of(user: FalconUser): Promise<Map<string, Group> | undefined> {
    const { userId } = user;
    const lookup = this.#lookups.get(userId) ?? { pending: 0, changes: new Map() };
    this.#lookups.set(userId, lookup);
    lookup.pending++;
    try {
      const groups = await this.#ask(user);
      if (groups === undefined) return undefined;
      const byId = new Map(groups.map((group) => [group.id, group]));
      for (const { group_id: id, group_name: name, joined } of lookup.changes.values()) {
        if (joined) byId.set(id, { id, name });
        else byId.delete(id);
      }
      return byId;
    } finally {
      if (--lookup.pending === 0) this.#lookups.delete(userId);
    }
  }

  /** A change was published: an answer that is under way may be older. */
  changed(change: GroupMembershipChange): void {
    this.#lookups.get(change.user_id)?.changes.set(change.group_id, change);
  }

  async #ask({ userId, groups }: FalconUser): Promise<readonly Group[] | undefined> {
    if (this.directory.groupsOf === undefined) return groups.map((id) => ({ id }));
    try {
      return (await this.directory.groupsOf(userId)) ?? undefined;
    } catch (error) {
      this.logger.error({ err: error }, 'the directory failed: nothing is known of the groups of a user');
      return undefined;
    }
  }
}
