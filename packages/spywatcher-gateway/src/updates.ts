import type { Clock, Cluster, Stop } from '@roomcast/engine';
import type { AnalyticsUpdate } from '@roomcast/spywatcher-protocol';

export interface UpdatesOptions {
  readonly clock: Clock;
  readonly cluster: Pick<Cluster, 'isOwner' | 'onMembers'>;
  readonly throttleMs: number;
  /** Guilds whose last update is kept. */
  readonly maxGuilds: number;
  /** What a guild's figures are now. */
  compute(guildId: string): AnalyticsUpdate;
  /** Sends an update to all instances, this one included, at once. */
  send(update: AnalyticsUpdate): void;
}

/**
 * When analytics are sent: the first change at once, further ones when the time is up, the newest of them. Every instance
 * knows what has changed and when the last update was sent, and the guild's owner sends: a guild that gets another owner
 * meanwhile (the cluster's own `throttle` belongs to one) gets its update neither too early nor never.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #last = new Map<string, { readonly update: AnalyticsUpdate; readonly at: number }>();
  /** Guilds whose figures are others than those sent last, with the figures where somebody published them. */
  readonly #changed = new Map<string, AnalyticsUpdate | 'compute'>();
  readonly #waiting = new Map<string, Stop>();
  readonly #stopListening: Stop;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const again = () => this.#again();
    this.#stopListening = options.cluster.onMembers({ joined: again, gone: again });
  }

  /** The update that was sent last. */
  last(guildId: string): AnalyticsUpdate | undefined {
    return this.#last.get(guildId)?.update;
  }

  /** A guild's figures are others now: what is given, or what has to be computed. */
  changed(guildId: string, update: AnalyticsUpdate | 'compute'): void {
    this.#changed.set(guildId, update);
    // What has changed reaches the other instances first: they would take it for news after the update.
    queueMicrotask(() => this.#consider(guildId));
  }

  /** An update was sent, by this instance or another. */
  sent(update: AnalyticsUpdate): void {
    const { guildId } = update;
    this.#changed.delete(guildId);
    this.#last.delete(guildId);
    this.#last.set(guildId, { update, at: this.#options.clock.now() });
    const [oldest] = this.#last.keys();
    if (this.#last.size > this.#options.maxGuilds && oldest !== undefined) this.#last.delete(oldest);
  }

  /** The updates that were sent last, for a restart. */
  saved(): AnalyticsUpdate[] {
    return [...this.#last.values()].map(({ update }) => update);
  }

  /** Updates from before a restart: they are sent to those who come, and delay nothing. */
  restore(updates: readonly AnalyticsUpdate[]): void {
    for (const update of updates.slice(-this.#options.maxGuilds)) {
      if (this.#last.has(update.guildId)) continue;
      this.#last.set(update.guildId, { update, at: Number.NEGATIVE_INFINITY });
    }
  }

  stop(): void {
    this.#stopListening();
    for (const stop of this.#waiting.values()) stop();
    this.#waiting.clear();
    this.#changed.clear();
  }

  /** Owners have changed: what nobody was responsible for is looked at again. */
  #again(): void {
    for (const guildId of this.#changed.keys()) this.#consider(guildId);
  }

  #consider(guildId: string): void {
    const { clock, cluster, throttleMs } = this.#options;
    const changed = this.#changed.get(guildId);
    if (changed === undefined || this.#waiting.has(guildId) || !cluster.isOwner(guildId)) return;
    const at = this.#last.get(guildId)?.at ?? Number.NEGATIVE_INFINITY;
    const waitMs = at + throttleMs - clock.now();
    if (waitMs > 0) {
      const stop = clock.after(waitMs, () => {
        this.#waiting.delete(guildId);
        this.#consider(guildId);
      });
      this.#waiting.set(guildId, stop);
      return;
    }
    this.#options.send(changed === 'compute' ? this.#options.compute(guildId) : changed);
  }
}
