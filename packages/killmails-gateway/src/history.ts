import type { Killmail } from '@roomcast/killmails-protocol';

const hourMs = 3_600_000;

/** A kill that was delivered, ready to be sent again. */
export interface RecentKill {
  readonly id: number;
  readonly system: number;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  /** The killmail as JSON text, encoded once. */
  readonly json: Buffer;
}

export interface HistoryOptions {
  /** Kills that are kept; the oldest to arrive is forgotten first. @default 20000 */
  maxKills?: number;
  /** Bytes of JSON that are kept. @default 128 MiB */
  maxBytes?: number;
}

/** The kills of the last while, found by id or by system: what preload and the reading API answer from. */
export class History {
  readonly #maxKills: number;
  readonly #maxBytes: number;
  /** In the order of arrival, which is the order of forgetting. */
  readonly #kills = new Map<number, RecentKill>();
  readonly #systems = new Map<number, RecentKill[]>();
  #bytes = 0;

  constructor({ maxKills = 20_000, maxBytes = 128 * 1024 * 1024 }: HistoryOptions = {}) {
    this.#maxKills = maxKills;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#kills.size;
  }

  add(killmail: Killmail, json: Buffer): void {
    const kill: RecentKill = {
      id: killmail.killmail_id,
      system: killmail.system_id,
      at: Date.parse(killmail.kill_time),
      json,
    };
    if (this.#kills.has(kill.id)) return;
    this.#kills.set(kill.id, kill);
    this.#bytes += json.length;
    const ofSystem = this.#systems.get(kill.system);
    if (ofSystem === undefined) this.#systems.set(kill.system, [kill]);
    else ofSystem.push(kill);
    while (this.#kills.size > this.#maxKills || (this.#bytes > this.#maxBytes && this.#kills.size > 1)) this.#forget();
  }

  byId(id: number): RecentKill | undefined {
    return this.#kills.get(id);
  }

  /** The kills of a system that happened in the last `sinceHours`, the newest first, at most `limit`. */
  recent(system: number, { sinceHours, limit, now }: { sinceHours: number; limit: number; now: number }): RecentKill[] {
    const since = now - sinceHours * hourMs;
    return (this.#systems.get(system) ?? [])
      .filter((kill) => kill.at >= since)
      .sort((one, other) => other.at - one.at || other.id - one.id)
      .slice(0, limit);
  }

  /** Everything kept, in the order of arrival. */
  all(): IterableIterator<RecentKill> {
    return this.#kills.values();
  }

  #forget(): void {
    const [oldest] = this.#kills.values();
    if (oldest === undefined) return;
    this.#kills.delete(oldest.id);
    this.#bytes -= oldest.json.length;
    const ofSystem = this.#systems.get(oldest.system) as RecentKill[];
    // Kills of one system arrived in the order in which they are forgotten.
    ofSystem.shift();
    if (ofSystem.length === 0) this.#systems.delete(oldest.system);
  }
}
