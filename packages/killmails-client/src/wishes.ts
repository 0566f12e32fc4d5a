/**
 * The ids that the owner wants to follow, apart from what any connection knows: a join carries them all. What a server
 * has accepted is remembered, so that one wish it rejects does not keep it from accepting the others.
 */
export class Wishes {
  #wanted: Set<number>;
  #accepted: Set<number> | undefined;
  #joining: Set<number>;
  #ever: boolean;

  constructor(initial: readonly number[]) {
    this.#wanted = new Set(initial);
    this.#joining = new Set(initial);
    this.#ever = initial.length > 0;
  }

  get list(): readonly number[] {
    return [...this.#wanted];
  }

  /** Whether any was ever wanted: who never did need not bother older servers with it. */
  get everUsed(): boolean {
    return this.#ever;
  }

  /** Returns those that were not wanted before. */
  add(ids: readonly number[]): readonly number[] {
    const added = ids.filter((id) => !this.#wanted.has(id));
    for (const id of added) this.#wanted.add(id);
    this.#ever ||= added.length > 0;
    return added;
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) this.#wanted.delete(id);
  }

  /** A join carries the list as it is now. */
  joinSent(): void {
    this.#joining = new Set(this.#wanted);
  }

  joinAccepted(): void {
    this.#accepted = this.#joining;
  }

  /** Gives up what was wanted since a server last accepted all; the first wishes stay, there is nothing before them. */
  joinRejected(): void {
    const accepted = this.#accepted;
    if (accepted) this.#wanted = new Set([...this.#wanted].filter((id) => accepted.has(id)));
  }

  /** A request on a live connection was answered. */
  accepted(ids: readonly number[]): void {
    for (const id of ids) this.#accepted?.add(id);
  }
}
