/** The parts that a window is divided into: how exactly it slides, and the most that is remembered. */
const slotsPerWindow = 60;

/**
 * Counts messages in a sliding window: never more than the limit in any one, exact to a sixtieth of it. Only parts of
 * the window in which something came take memory.
 */
export class MessageRate {
  /** Which part of time and how many messages, one after the other, oldest first. */
  #slots: number[] = [];
  #total = 0;

  /** Counts one message; false when it is over `limit` messages in `windowMs`. Those over it do not count. */
  allow(now: number, limit: number, windowMs: number): boolean {
    const slot = Math.floor((now * slotsPerWindow) / windowMs);
    this.#forget(slot - slotsPerWindow);
    if (this.#total >= limit) return false;
    this.#total++;
    const last = this.#slots.length - 2;
    // A clock that is set back counts on where it was.
    if (last >= 0 && (this.#slots[last] as number) >= slot)
      this.#slots[last + 1] = (this.#slots[last + 1] as number) + 1;
    else this.#slots.push(slot, 1);
    return true;
  }

  #forget(before: number): void {
    let gone = 0;
    while (gone < this.#slots.length && (this.#slots[gone] as number) < before) {
      this.#total -= this.#slots[gone + 1] as number;
      gone += 2;
    }
    if (gone > 0) this.#slots.splice(0, gone);
  }
}
