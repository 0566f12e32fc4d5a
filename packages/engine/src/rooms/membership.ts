/** Told of every change, exactly once each. */
export interface MembershipListener<Member> {
  created?(room: string): void;
  joined?(room: string, member: Member): void;
  left?(room: string, member: Member): void;
  deleted?(room: string): void;
}

const none: ReadonlySet<never> = new Set();

/** Who is in which room, found from either side. A room exists while it has a member. */
export class Membership<Member> {
  readonly #rooms = new Map<string, Set<Member>>();
  /** One room is kept as its bare name: a `Set` for each of many members in one room costs 170 bytes. */
  readonly #roomsOf = new Map<Member, string | Set<string>>();

  constructor(readonly listener: MembershipListener<Member> = {}) {}

  get size(): number {
    return this.#rooms.size;
  }

  /** False when it is in the room already. */
  join(member: Member, room: string): boolean {
    let members = this.#rooms.get(room);
    if (members?.has(member)) return false;
    if (members === undefined) {
      members = new Set();
      this.#rooms.set(room, members);
      this.listener.created?.(room);
    }
    members.add(member);
    const rooms = this.#roomsOf.get(member);
    if (rooms === undefined) this.#roomsOf.set(member, room);
    else if (typeof rooms === 'string') this.#roomsOf.set(member, new Set([rooms, room]));
    else rooms.add(room);
    this.listener.joined?.(room, member);
    return true;
  }

  /** False when it was not in the room. */
  leave(member: Member, room: string): boolean {
    const members = this.#rooms.get(room);
    if (members === undefined || !members.delete(member)) return false;
    const rooms = this.#roomsOf.get(member) as string | Set<string>;
    if (typeof rooms === 'string') this.#roomsOf.delete(member);
    else if (rooms.delete(room) && rooms.size === 0) this.#roomsOf.delete(member);
    if (members.size === 0) this.#rooms.delete(room);
    this.listener.left?.(room, member);
    if (members.size === 0) this.listener.deleted?.(room);
    return true;
  }

  /** Leaves every room. */
  remove(member: Member): void {
    for (const room of [...this.rooms(member)]) this.leave(member, room);
  }

  /** The members of a room, or undefined where there is no such room. */
  members(room: string): ReadonlySet<Member> | undefined {
    return this.#rooms.get(room);
  }

  /** The rooms of a member, as they are now. */
  rooms(member: Member): ReadonlySet<string> {
    const rooms = this.#roomsOf.get(member);
    return typeof rooms === 'string' ? new Set([rooms]) : (rooms ?? none);
  }

  /** In how many rooms a member is. */
  count(member: Member): number {
    const rooms = this.#roomsOf.get(member);
    return typeof rooms === 'string' ? 1 : (rooms?.size ?? 0);
  }

  has(member: Member, room: string): boolean {
    return this.#rooms.get(room)?.has(member) ?? false;
  }

  /** Every room with the number of its members, in no particular order. */
  *entries(): IterableIterator<[room: string, members: number]> {
    for (const [room, members] of this.#rooms) yield [room, members.size];
  }
}
