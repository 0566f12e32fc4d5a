import { Buffer } from 'node:buffer';
import type { Killmail } from '@roomcast/killmails-protocol';
import { History } from './history.js';
import { KillCounts, minuteOf } from './kill-counts.js';
import { Ledger, type Taken } from './ledger.js';
import type { KillmailsGatewayOptions, SavedState } from './options.js';

/** What a new kill changed. */
export interface Counted {
  /** The killmail as JSON text. */
  readonly json: Buffer;
  /** Kills of its system within the window, this one included. */
  readonly count: number;
}

/** What the gateway knows of the kills so far. Every instance of a cluster is told of every kill, so they agree. */
export class Kills {
  readonly history: History;
  readonly counts: KillCounts;
  readonly ledger = new Ledger();
  #received = 0;

  constructor({
    history,
    countWindowHours,
    saved,
  }: Pick<KillmailsGatewayOptions, 'history' | 'saved'> & { countWindowHours: number }) {
    this.history = new History(history);
    this.counts = new KillCounts(countWindowHours);
    if (saved === undefined) return;
    this.counts.restore(saved.counts);
    for (const taken of saved.taken) this.ledger.add(taken);
  }

  /** Kills taken since the process started. */
  get received(): number {
    return this.#received;
  }

  /**
   * Takes a kill; undefined where its id was seen before.
   *
   * @param minute when another instance had it, where it comes late
   */
  take(killmail: Killmail, now: number, minute = minuteOf(now)): Counted | undefined {
    const { killmail_id: id, system_id: system } = killmail;
    if (!this.ledger.add([id, system, minute])) return undefined;
    this.#received++;
    const json = Buffer.from(JSON.stringify(killmail));
    this.history.add(killmail, json);
    return { json, count: this.counts.add(system, now, minute) };
  }

  /** Counts a kill of which no more is to be had than that it was. False where it was known. */
  note(taken: Taken, now: number): boolean {
    const [, system, minute] = taken;
    const isNew = this.ledger.add(taken);
    if (isNew) this.counts.add(system, now, minute);
    return isNew;
  }

  save(now: number): SavedState {
    this.counts.prune(now);
    return { counts: this.counts.save(), taken: [...this.ledger.all()] };
  }
}
