const minuteMs = 60_000;

/** The minute of a time, from the epoch. */
export function minuteOf(now: number): number {
  return Math.floor(now / minuteMs);
}

/** One system's kills: how many in each minute that had any, and their sum. */
interface SystemCounts {
  minutes: [minute: number, count: number][];
  total: number;
}

/** What a restart needs of the counts. */
export type SavedCounts = [system: number, minutes: [minute: number, count: number][]][];

/**
 * How many kills were seen in each system within a sliding window, exact to the minute. A system costs at most one
 * entry for each minute of the window, whatever its traffic.
 */
export class KillCounts {
  readonly #systems = new Map<number, SystemCounts>();
  readonly #windowMinutes: number;

  constructor(windowHours: number) {
    this.#windowMinutes = windowHours * 60;
  }

  /** Counts one kill and returns the system's new total. One that was seen elsewhere before may come late. */
  add(system: number, now: number, minute = minuteOf(now)): number {
    const counts = this.#systems.get(system) ?? { minutes: [], total: 0 };
    this.#systems.set(system, counts);
    let place = counts.minutes.length;
    while (place > 0 && (counts.minutes[place - 1] as [number, number])[0] > minute) place--;
    const last = counts.minutes[place - 1];
    if (last !== undefined && last[0] === minute) last[1]++;
    else counts.minutes.splice(place, 0, [minute, 1]);
    counts.total++;
    return this.#slide(system, counts, minuteOf(now));
  }

  total(system: number, now: number): number {
    const counts = this.#systems.get(system);
    return counts === undefined ? 0 : this.#slide(system, counts, minuteOf(now));
  }

  /** Lets go of systems that have seen nothing within the window. */
  prune(now: number): void {
    for (const [system, counts] of this.#systems) this.#slide(system, counts, minuteOf(now));
  }

  save(): SavedCounts {
    return [...this.#systems].map(([system, { minutes }]) => [
      system,
      minutes.map(([minute, count]) => [minute, count]),
    ]);
  }

  restore(saved: SavedCounts): void {
    for (const [system, minutes] of saved) {
      const total = minutes.reduce((sum, [, count]) => sum + count, 0);
      this.#systems.set(system, { minutes: minutes.map(([minute, count]) => [minute, count]), total });
    }
  }

  #slide(system: number, counts: SystemCounts, minute: number): number {
    const oldest = minute - this.#windowMinutes;
    let gone = 0;
    for (const [at, count] of counts.minutes) {
      if (at > oldest) break;
      counts.total -= count;
      gone++;
    }
    if (gone > 0) counts.minutes.splice(0, gone);
    if (counts.minutes.length === 0) this.#systems.delete(system);
    return counts.total;
  }
}
