/** The parts that a window is divided into: how exactly it slides, and the most that is remembered. */
const slotsPerWindow = 60;

/**
 * Counts messages in a sliding window: never more than the limit in any one, exact to a sixtieth of it. Only parts of
 * the window in which something came take memory; one who sends now and then needs no list of them.
 */
export class MessageRate {
  /** The latest part of time in which something came, and how many messages. */
  #slot = 0;
  #inSlot = 0;
  /** Earlier parts, the same way, one after the other, oldest first. */
  #earlier: number[] | null = null;
  #total = 0;

  /** Counts one message; false when it is over `limit` messages in `windowMs`. Those over it do not count. */
  allow(now: number, limit: number, windowMs: number): boolean {
    const slot = Math.floor((now * slotsPerWindow) / windowMs);
    this.#forget(slot - slotsPerWindow);
    if (this.#total >= limit) return false;
    this.#total++;
    // A clock that is set back counts on where it was.
    if (slot > this.#slot) this.#begin(slot);
    this.#inSlot++;
    return true;
  }

  #begin(slot: number): void {
    if (this.#inSlot > 0) {
      this.#earlier ??= [];
      this.#earlier.push(this.#slot, this.#inSlot);
    }
    this.#slot = slot;
    this.#inSlot = 0;
  }

  #forget(before: number): void {
    if (this.#earlier !== null) this.#forgetEarlier(this.#earlier, before);
    if (this.#slot >= before) return;
    this.#total -= this.#inSlot;
    this.#inSlot = 0;
  }

  #forgetEarlier(earlier: number[], before: number): void {
    let gone = 0;
    while (gone < earlier.length && (earlier[gone] as number) < before) {
      this.#total -= earlier[gone + 1] as number;
      gone += 2;
    }
    if (gone === earlier.length) this.#earlier = null;
    else if (gone > 0) earlier.splice(0, gone);
  }
}
