import type { KillmailEvent } from '@roomcast/killmails-client';
import { Pulse } from '../../live/pulse.js';
import { Recent } from '../../live/recent.js';
import { learnSystem } from './systems.js';

/** What the list shows of a killmail; the rest of it can be megabytes and is not kept. */
export interface Kill {
  readonly number: number;
  readonly id: number;
  readonly systemId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly preload: boolean;
  readonly victim: string;
  readonly ship: string;
  readonly attackers: number;
  readonly finalBlow: string;
  /** In ISK. */
  readonly value: number | undefined;
}

/** How long one column of the chart is. */
export const bucketMs = 15_000;
export const buckets = 40;

const keptKills = 1000;
const gatherMs = 300;

/** The latest kills, and how many there were where and when. */
export class Kills {
  readonly list = new Recent<Kill>(keptKills);
  readonly pulse = new Pulse();
  /** The server's counts of its window, by system. */
  readonly counts = new Map<number, number>();
  /** Kills seen here, by system and by bucket of time. */
  readonly #seen = new Map<number, Map<number, number>>();
  /** A killmail that is preloaded after a reconnection has often been here before. */
  #ids = new Set<number>();

  /** Recent kills come system by system: they wait a moment, and are then put in order. */
  #past: KillmailEvent[] = [];

  add(event: KillmailEvent): void {
    const id = event.killmail.killmail_id;
    if (this.#ids.has(id)) return;
    this.#remember(id);
    if (!event.preload) {
      this.#take(event);
      return;
    }
    if (this.#past.length === 0) setTimeout(() => this.#takePast(), gatherMs);
    this.#past.push(event);
  }

  #takePast(): void {
    const past = this.#past.sort((a, b) => a.killmail.kill_time.localeCompare(b.killmail.kill_time));
    this.#past = [];
    for (const event of past) this.#take(event);
  }

  #take({ killmail, systemId, preload }: KillmailEvent): void {
    const { victim, attackers, solar_system_name: name } = killmail;
    learnSystem(systemId, name);
    const at = Date.parse(killmail.kill_time) || Date.now();
    const final = attackers.find(({ final_blow }) => final_blow) ?? attackers[0];
    this.list.add({
      number: this.list.total + 1,
      id: killmail.killmail_id,
      systemId,
      at,
      preload,
      victim: victim.character_name ?? victim.corporation_name ?? 'A structure',
      ship: victim.ship_name ?? (victim.ship_type_id === undefined ? 'unknown' : `Type ${victim.ship_type_id}`),
      attackers: killmail.attacker_count,
      finalBlow: final?.character_name ?? final?.corporation_name ?? final?.ship_name ?? 'nobody known',
      value: killmail.zkb?.total_value,
    });
    this.#count(systemId, Math.floor(at / bucketMs));
    this.pulse.changed();
  }

  setCount(systemId: number, count: number): void {
    this.counts.set(systemId, count);
    this.pulse.changed();
  }

  /** Kills of a system in each of the last buckets, oldest first. @param last the newest bucket */
  history(systemId: number, last: number): number[] {
    const seen = this.#seen.get(systemId);
    return Array.from({ length: buckets }, (_, index) => seen?.get(last - buckets + 1 + index) ?? 0);
  }

  clear(): void {
    this.list.clear();
    this.counts.clear();
    this.#seen.clear();
    this.#ids.clear();
    this.#past = [];
    this.pulse.changed();
  }

  #remember(id: number): void {
    if (this.#ids.size >= 2 * keptKills) this.#ids = new Set([...this.list].map((kill) => kill.id));
    this.#ids.add(id);
  }

  #count(systemId: number, bucket: number): void {
    const seen = this.#seen.get(systemId) ?? new Map<number, number>();
    this.#seen.set(systemId, seen);
    seen.set(bucket, (seen.get(bucket) ?? 0) + 1);
    if (seen.size <= buckets * 2) return;
    const oldest = Math.max(...seen.keys()) - buckets;
    for (const one of seen.keys()) if (one < oldest) seen.delete(one);
  }
}
