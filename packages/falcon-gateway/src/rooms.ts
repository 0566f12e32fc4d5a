import { BusDownError, coalesced, type Logger, RoomLimitError, type Share } from '@roomcast/engine';
import {
  type ErrorCode,
  type FalconUser,
  type GroupMembershipChange,
  groupRoom,
  isAssigned,
  isId,
  personalRoom,
  roomSubject,
  roomTypeOf,
} from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';
import { Groups } from './groups.js';
import { topicOf } from './news.js';
import type { FalconDirectory, Group } from './options.js';

export interface RoomsHost {
  directory: FalconDirectory;
  logger: Logger;
  /** What groups are called, by their ids. */
  names: Share<string>;
  sessions(): Iterable<FalconSession>;
  sessionsOf(userId: string): Iterable<FalconSession>;
}

/** Why somebody does not get into a room, or out of it. */
export type RoomRefusal = readonly [code: ErrorCode, message: string];

const assigned: RoomRefusal = ['forbidden_room', 'personal and group rooms are assigned by the server'];

/** Who is in which room: personal and group rooms are assigned, others entered as the directory lets. */
export class Rooms {
  readonly #groups: Groups;
  readonly #recheckAll = coalesced(() => this.#recheck());
  /** How often the directory's answers may have changed. */
  #changes = 0;

  constructor(readonly host: RoomsHost) {
    this.#groups = new Groups(host.directory, host.logger);
  }

  /** Brings a new connection into its user's room and those of the user's groups. */
  async assign(session: FalconSession): Promise<void> {
    const { user } = session.data;
    // First, so that changes of the groups arrive while the directory is asked.
    await this.#join(session, personalRoom(user.userId));
    const groups = await this.#upToDate(() => this.#groups.of(user));
    if (groups !== undefined) await this.#enterAll(session, groups);
  }

  /** A client wishes to enter a room. Undefined where it is in. */
  async enter(session: FalconSession, room: string): Promise<RoomRefusal | undefined> {
    if (isAssigned(room)) return assigned;
    const allowed = await this.#upToDate(() => this.#mayEnter(session.data.user, room));
    if (allowed === 'unavailable') return [allowed, 'the directory gives no answer: try again later'];
    if (!allowed) return ['forbidden_room', 'you may not enter this room'];
    try {
      await session.join(room, { topic: topicOf(room) });
      return undefined;
    } catch (error) {
      if (error instanceof RoomLimitError) return ['too_many_rooms', `expected at most ${error.limit} rooms`];
      if (error instanceof BusDownError) return ['unavailable', 'the room can not be joined now: try again later'];
      throw error;
    }
  }

  /** A client wishes to leave a room. Undefined where it is out. */
  leave(session: FalconSession, room: string): RoomRefusal | undefined {
    if (isAssigned(room)) return assigned;
    return session.leave(room) ? undefined : ['not_in_room', 'you are not in this room'];
  }

  /** Somebody's groups have changed. */
  change(change: GroupMembershipChange): void {
    this.#groups.changed(change);
    const group = { id: change.group_id, name: change.group_name };
    for (const session of this.host.sessionsOf(change.user_id)) {
      if (change.joined) this.#enterSoon(session, group);
      else session.leave(groupRoom(group.id));
    }
  }

  /** A room has no member here any more. */
  deleted(room: string): void {
    if (roomTypeOf(room) === 'group') this.host.names.set(roomSubject(room), undefined);
  }

  /** Asks the directory again about everybody here, one after the other. All calls while it does so are one more. */
  recheck(): Promise<void> {
    this.#changes++;
    return this.#recheckAll();
  }

  async #recheck(): Promise<void> {
    const users = new Map<string, FalconUser>();
    for (const { data } of this.host.sessions()) users.set(data.user.userId, data.user);
    for (const user of users.values()) {
      const groups = await this.#groups.of(user);
      // What can't be told now stays as it was.
      if (groups !== undefined) {
        for (const session of this.host.sessionsOf(user.userId)) this.#bringInLine(session, groups);
      }
      await this.#recheckEntered(user);
    }
  }

  async #recheckEntered(user: FalconUser): Promise<void> {
    const entered = new Set<string>();
    for (const session of this.host.sessionsOf(user.userId)) {
      for (const room of session.roomsAndWanted()) if (!isAssigned(room)) entered.add(room);
    }
    for (const room of entered) {
      if ((await this.#mayEnter(user, room)) !== false) continue;
      for (const session of this.host.sessionsOf(user.userId)) session.leave(room);
    }
  }

  /** An answer that was under way while the directory changed is none: asking everybody again has missed who waits for it. */
  async #upToDate<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const before = this.#changes;
      const answer = await ask();
      if (before === this.#changes) return answer;
    }
  }

  #bringInLine(session: FalconSession, groups: ReadonlyMap<string, Group>): void {
    for (const room of [...session.roomsAndWanted()]) {
      if (roomTypeOf(room) === 'group' && !groups.has(roomSubject(room))) session.leave(room);
    }
    for (const group of groups.values()) this.#enterSoon(session, group);
  }

  #enterAll(session: FalconSession, groups: ReadonlyMap<string, Group>): Promise<unknown> {
    return Promise.all([...groups.values()].map((group) => this.#enterGroup(session, group)));
  }

  /** For changes that nobody waits for. A session that can't be brought into its rooms begins anew. */
  #enterSoon(session: FalconSession, group: Group): void {
    this.#enterGroup(session, group).catch((error: unknown) => session.failed(error));
  }

  async #enterGroup(session: FalconSession, { id, name }: Group): Promise<void> {
    const isUsable: boolean = isId(id);
    if (!isUsable) {
      this.host.logger.warn({ group: id.slice(0, 40) }, 'the id of a group is too long, or none: it has no room');
      return;
    }
    if ((await this.#join(session, groupRoom(id))) && name !== undefined) this.host.names.set(id, name);
  }

  async #join(session: FalconSession, room: string): Promise<boolean> {
    return session.join(room, { topic: topicOf(room), assigned: true });
  }

  async #mayEnter(user: FalconUser, room: string): Promise<boolean | 'unavailable'> {
    const { directory, logger } = this.host;
    if (directory.mayEnter === undefined) return true;
    try {
      return (await directory.mayEnter(user.userId, room)) ?? 'unavailable';
    } catch (error) {
      logger.error({ err: error }, 'the directory failed: nothing is known of a room');
      return 'unavailable';
    }
  }
}
