import type { Clock } from '@roomcast/client-core';
import { type AnalyticsUpdate, snapshotIntervalMs } from '@roomcast/spywatcher-protocol';

/**
 * The last analytics of each guild, for callers that come later: a server tells those it has to whoever subscribes, but
 * a connection that subscribes again only every 30 s. For that long they are kept when nobody follows the guild any more.
 */
export class LastUpdates {
  readonly #updates = new Map<string, AnalyticsUpdate>();
  readonly #expiries = new Map<string, () => void>();

  constructor(private readonly clock: Clock) {}

  get(guildId: string): AnalyticsUpdate | undefined {
    return this.#updates.get(guildId);
  }

  set(update: AnalyticsUpdate): void {
    this.#updates.set(update.guildId, update);
  }

  /** Somebody follows the guild. */
  keep(guildId: string): void {
    this.#expiries.get(guildId)?.();
    this.#expiries.delete(guildId);
  }

  /** Nobody follows it any more. */
  release(guildId: string): void {
    if (!this.#updates.has(guildId)) return;
    this.#expiries.set(
      guildId,
      this.clock.after(snapshotIntervalMs, () => this.drop(guildId)),
    );
  }

  drop(guildId: string): void {
    this.keep(guildId);
    this.#updates.delete(guildId);
  }

  clear(): void {
    for (const guildId of [...this.#updates.keys()]) this.drop(guildId);
  }
}
