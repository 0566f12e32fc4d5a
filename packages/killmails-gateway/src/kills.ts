import { Buffer } from 'node:buffer';
import type { Killmail } from '@roomcast/killmails-protocol';
import { History } from './history.js';
import { KillCounts } from './kill-counts.js';
import type { KillmailsGatewayOptions, SavedState } from './options.js';
import { Seen } from './seen.js';

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
  readonly #seen = new Seen();
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
    for (const id of saved.seen) this.#seen.add(id);
  }

  /** Kills taken since the process started. */
  get received(): number {
    return this.#received;
  }

  /** Takes a kill; undefined where its id was seen before. */
  take(killmail: Killmail, now: number): Counted | undefined {
    if (!this.#seen.add(killmail.killmail_id)) return undefined;
    this.#received++;
    const json = Buffer.from(JSON.stringify(killmail));
    this.history.add(killmail, json);
    return { json, count: this.counts.add(killmail.system_id, now) };
  }

  save(now: number): SavedState {
    this.counts.prune(now);
    return { counts: this.counts.save(), seen: this.#seen.save() };
  }
}
