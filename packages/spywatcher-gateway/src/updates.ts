import type { Clock, Cluster, Lease, Stop } from '@roomcast/engine';
import { type AnalyticsUpdate, sanitise } from '@roomcast/spywatcher-protocol';

export interface UpdatesOptions {
  /** What all instances call it. */
  readonly name: string;
  readonly clock: Clock;
  readonly cluster: Pick<Cluster, 'answer' | 'ask' | 'lease'>;
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
 * knows what has changed and when the last update was sent, and one of them sends, for as long as it lives: an instance
 * that has just come knows neither what was sent nor all that members did. Where another one takes over, a guild gets its
 * update neither too early nor never.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #last = new Map<string, { readonly update: AnalyticsUpdate; readonly at: number }>();
  /** Guilds whose figures are others than those sent last, with the figures where somebody published them. */
  readonly #changed = new Map<string, AnalyticsUpdate | 'compute'>();
  readonly #waiting = new Map<string, Stop>();
  /** Guilds whose last update the sender was asked for. */
  readonly #asked = new Map<string, Promise<AnalyticsUpdate | undefined>>();
  readonly #question: string;
  /** Whoever has it sends. */
  readonly #lease: Lease;
  readonly #stops: readonly Stop[];

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const { name, cluster } = options;
    this.#question = `${name}.update`;
    this.#lease = cluster.lease(`${name}.updates`);
    this.#stops = [
      this.#lease.onChange(() => this.#again()),
      cluster.answer(this.#question, (guildId) => ({ update: this.last(String(guildId)) })),
    ];
  }

  /** The update that was sent last, as far as is known here. */
  last(guildId: string): AnalyticsUpdate | undefined {
    return this.#last.get(guildId)?.update;
  }

  /**
   * Asks the instance that sends for what it sent before this one came, and resolves to the last update then; to none
   * where another was sent meanwhile. Nothing is asked, and undefined returned, where `last` is right as it is.
   */
  learn(guildId: string): Promise<AnalyticsUpdate | undefined> | undefined {
    const { holder, held } = this.#lease;
    if (held || holder === undefined || this.#wasHeard(guildId)) return undefined;
    const asked = this.#asked.get(guildId) ?? this.#ask(guildId, holder);
    this.#asked.set(guildId, asked);
    forgetOldest(this.#asked, this.#options.maxGuilds);
    return asked;
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
    forgetOldest(this.#last, this.#options.maxGuilds);
  }

  /** The updates that were sent last, for a restart. */
  saved(): AnalyticsUpdate[] {
    return [...this.#last.values()].map(({ update }) => update);
  }

  /** Updates from before a restart: they are sent to those who come, and delay nothing. */
  restore(updates: readonly AnalyticsUpdate[]): void {
    for (const update of updates.slice(-this.#options.maxGuilds)) {
      if (!this.#last.has(update.guildId)) this.#setUnheard(update);
    }
  }

  stop(): void {
    for (const stop of [...this.#stops, ...this.#waiting.values()]) stop();
    this.#lease.stop();
    this.#waiting.clear();
    this.#changed.clear();
  }

  /** Once is enough: every later update comes by itself. */
  async #ask(guildId: string, holder: string): Promise<AnalyticsUpdate | undefined> {
    const { answers } = await this.#options.cluster.ask(this.#question, guildId, {
      of: [holder],
      parse: (value) => ({ update: sanitise('analytics:update', Object(value).update) }),
    });
    const answer = answers.get(holder);
    if (answer === undefined) this.#asked.delete(guildId);
    if (this.#wasHeard(guildId)) return undefined;
    if (answer?.update?.guildId === guildId) this.#setUnheard(answer.update);
    return this.last(guildId);
  }

  /** Whether the last update was sent while this instance was there. */
  #wasHeard(guildId: string): boolean {
    return (this.#last.get(guildId)?.at ?? Number.NEGATIVE_INFINITY) !== Number.NEGATIVE_INFINITY;
  }

  #setUnheard(update: AnalyticsUpdate): void {
    this.#last.set(update.guildId, { update, at: Number.NEGATIVE_INFINITY });
    forgetOldest(this.#last, this.#options.maxGuilds);
  }

  /** Another instance sends now: what has changed meanwhile is looked at again. */
  #again(): void {
    for (const guildId of this.#changed.keys()) this.#consider(guildId);
  }

  #consider(guildId: string): void {
    const { clock, throttleMs } = this.#options;
    const changed = this.#changed.get(guildId);
    if (changed === undefined || this.#waiting.has(guildId) || !this.#lease.held) return;
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

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
