const minuteMs = 60_000;
const minutesKept = 60;

/** The minute of a time, counted from the epoch. */
export function minuteOf(now: number): number {
  return Math.floor(now / minuteMs);
}

/** The first minute that belongs to the hour ending now. */
export function firstMinuteOf(now: number): number {
  return minuteOf(now) - minutesKept + 1;
}

/** A sum over the last hour, exact to the minute: sixty numbers, whatever is counted. */
export class HourlyCount {
  readonly #counts = new Array<number>(minutesKept).fill(0);
  #minute = 0;
  #total = 0;

  add(count: number, now: number): void {
    this.#slide(minuteOf(now));
    const slot = this.#minute % minutesKept;
    this.#counts[slot] = (this.#counts[slot] as number) + count;
    this.#total += count;
  }

  total(now: number): number {
    this.#slide(minuteOf(now));
    return this.#total;
  }

  /** What was counted in one of the last sixty minutes. */
  at(minute: number): number {
    return minute > this.#minute || minute <= this.#minute - minutesKept
      ? 0
      : (this.#counts[minute % minutesKept] as number);
  }

  #slide(minute: number): void {
    const passed = minute - this.#minute;
    if (passed <= 0) return;
    for (let next = 1; next <= Math.min(passed, minutesKept); next++) {
      const slot = (this.#minute + next) % minutesKept;
      this.#total -= this.#counts[slot] as number;
      this.#counts[slot] = 0;
    }
    this.#minute = minute;
  }
}
