import type { Mount } from '@roomcast/engine';
import type { Access } from './access.js';
import type { Client, VmaxSession } from './member.js';
import type { FleetNews } from './publish.js';
import { channelOf, regulatorRoom } from './rooms.js';

export interface RegulatorRoomsOptions {
  access: Access;
  mount(): Mount<Client, FleetNews>;
  /** The topic by which a fleet's events travel; undefined where the fleet is not known. */
  topicOf(fleetId: string | undefined): string | undefined;
  /** A session was taken out of a room, because it may not be there any more. */
  removed(session: VmaxSession, room: string): void;
}

/**
 * The rooms of regulators. A regulator's events travel by its fleet's topic, so that an instance must know which fleet
 * that is; a regulator that is found in another fleet than before takes its room along.
 */
export class RegulatorRooms {
  /** Of each room that stands by a fleet's topic, the fleet. */
  readonly #fleets = new Map<string, string>();
  #rechecked: Promise<void> = Promise.resolve();

  constructor(readonly options: RegulatorRoomsOptions) {}

  /** False when the session has closed meanwhile. Rejects with `RoomLimitError` over its limit. */
  async join(session: VmaxSession, regulatorId: string, fleetId: string | undefined): Promise<boolean> {
    const room = regulatorRoom(regulatorId);
    if (fleetId !== undefined) await this.#standBy(room, fleetId);
    const topic = this.options.topicOf(fleetId);
    const joined = await session.join(room, topic === undefined ? {} : { topic });
    // Who came first decided by which topic the room stands.
    if (joined && fleetId !== undefined && !this.#fleets.has(room)) this.#fleets.set(room, fleetId);
    return joined;
  }

  /** The room is gone. */
  deleted(room: string): void {
    this.#fleets.delete(room);
  }

  /** The rooms that stand by a fleet's topic. */
  *of(fleetId: string): IterableIterator<string> {
    for (const [room, fleet] of this.#fleets) if (fleet === fleetId) yield room;
  }

  /**
   * Asks again which fleets the regulators are in that somebody here is subscribed to. One run after the other. Rejects
   * where the bus refuses a topic; the next run is not affected.
   */
  recheck(): Promise<void> {
    this.#rechecked = this.#rechecked.catch(() => {}).then(() => this.#recheck());
    return this.#rechecked;
  }

  async #recheck(): Promise<void> {
    const { mount, access } = this.options;
    for (const room of [...mount().rooms.entries()].map(([name]) => name)) {
      const channel = channelOf(room);
      if (channel.channel !== 'regulator') continue;
      const fleetId = await access.fleetOf(channel.regulatorId);
      // What a directory can't tell now stays as it was: delivery goes by the fleet that an event was published for.
      if (fleetId !== undefined) await this.#standBy(room, fleetId);
    }
  }

  /** Has an existing room stand by a fleet's topic, without a moment in which it stands by none. */
  async #standBy(room: string, fleetId: string): Promise<void> {
    const { topicOf, access, removed } = this.options;
    const mount = this.options.mount();
    const topic = topicOf(fleetId);
    const settled = () => mount.rooms.members(room) === undefined || this.#fleets.get(room) === fleetId;
    if (topic === undefined || settled()) return;
    await mount.topics.acquire(topic);
    try {
      if (settled()) return;
      const members = [...(mount.rooms.members(room) ?? [])];
      // The last to leave lets go of the old topic; the first to join again takes the new one.
      for (const session of members) session.leave(room);
      for (const session of members) {
        const { data } = session;
        if (data.state === 'member' && access.hearsRegulatorOf(data.member, fleetId))
          void session.join(room, { topic });
        else removed(session, room);
      }
      if (mount.rooms.members(room) !== undefined) this.#fleets.set(room, fleetId);
    } finally {
      mount.topics.release(topic);
    }
  }
}
