import type { Subscription } from '@roomcast/raffle-protocol';

/** One distinct subscription, and everybody who has it. */
export class Entry<Member extends object> {
  /** Most subscriptions are one member's alone: a set is made for the second. */
  #members: Member | Set<Member> | null = null;

  constructor(
    readonly subscription: Subscription,
    /** The filters it gives, as bits in the order of `filters`. */
    readonly given: number,
    /** Their values, as one text. */
    readonly key: string,
  ) {}

  get isEmpty(): boolean {
    return this.#members instanceof Set ? this.#members.size === 0 : this.#members === null;
  }

  get members(): Iterable<Member> {
    if (this.#members instanceof Set) return this.#members;
    return this.#members === null ? [] : [this.#members];
  }

  has(member: Member): boolean {
    return this.#members instanceof Set ? this.#members.has(member) : this.#members === member;
  }

  /** False when the member has it already. */
  add(member: Member): boolean {
    if (this.has(member)) return false;
    if (this.#members === null) this.#members = member;
    else if (this.#members instanceof Set) this.#members.add(member);
    else this.#members = new Set([this.#members, member]);
    return true;
  }

  remove(member: Member): void {
    if (this.#members instanceof Set) this.#members.delete(member);
    else if (this.#members === member) this.#members = null;
  }
}
