import type { Clock, Cluster, MembershipListener, Share, Stop } from '@roomcast/engine';
import { maxMembersTold } from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';
import { frameOf } from './frames.js';
import type { MemberNews } from './news.js';

/** Between two counts of a large room, in milliseconds. */
const countEveryMs = 1000;

export interface RoomNewsHost {
  cluster: Pick<Cluster, 'share'>;
  clock: Clock;
  /** Tells a room's members on all instances. */
  publish(news: MemberNews): void;
  /** Tells a room's members here how many they are. */
  tellCount(room: string, count: number): void;
}

/** How many connections are in each room, on all instances, and what is told of those who come and go. */
export class RoomNews implements MembershipListener<FalconSession> {
  readonly #counts: Share<number>;
  /** The rooms that there are anywhere. */
  readonly #rooms = new Set<string>();
  readonly #waiting = new Map<string, Stop>();

  constructor(
    name: string,
    readonly host: RoomNewsHost,
  ) {
    this.#counts = host.cluster.share<number>(`${name}.rooms`);
    this.#counts.onChange((room) => this.#changed(room));
  }

  /** Connections in a room. */
  count(room: string): number {
    let sum = 0;
    for (const count of this.#counts.values(room)) sum += count;
    return sum;
  }

  /** The rooms that have a member on some instance. */
  rooms(): ReadonlySet<string> {
    return this.#rooms;
  }

  joined(room: string, session: FalconSession): void {
    this.#add(room, 1);
    this.#told(room, session, 'member_joined');
  }

  left(room: string, session: FalconSession): void {
    this.#add(room, -1);
    this.#told(room, session, 'member_left');
  }

  #add(room: string, change: 1 | -1): void {
    this.#counts.set(room, (this.#counts.own(room) ?? 0) + change || undefined);
  }

  #told(room: string, session: FalconSession, action: MemberNews['action']): void {
    const { clock, publish } = this.host;
    const count = this.count(room);
    const news = { action, room, connection: session.id, user: session.data.user.userId, count, at: clock.now() };
    if (session.state === 'open') session.send(frameOf(memberFrame(news)));
    if (count <= maxMembersTold) publish(news);
  }

  #changed(room: string): void {
    const count = this.count(room);
    if (count > 0) this.#rooms.add(room);
    else this.#rooms.delete(room);
    if (count <= maxMembersTold || this.#waiting.has(room)) return;
    this.#waiting.set(
      room,
      this.host.clock.after(countEveryMs, () => {
        this.#waiting.delete(room);
        this.host.tellCount(room, this.count(room));
      }),
    );
  }
}

/** What a connection is told of itself, and the other members of it. */
export function memberFrame({ action, room, connection, count, at }: MemberNews) {
  const data = { connection_id: connection, room_id: room, member_count: count };
  return { type: action === 'member_joined' ? 'room_joined' : 'room_left', data, room, at } as const;
}

/** What the other members are told besides. */
export function memberUpdate({ action, room, connection, user, count, at }: MemberNews) {
  const data = { action, room_id: room, connection_id: connection, user_id: user, member_count: count };
  return { type: 'room_update', data, room, at } as const;
}
