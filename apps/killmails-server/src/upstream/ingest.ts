import { setImmediate as turn } from 'node:timers/promises';
import type { Logger, Spread } from '@roomcast/engine';
import {
  type Killmail,
  type Names,
  type ParsedKillmail,
  parseKillmail,
  toKillmail,
} from '@roomcast/killmails-protocol';

export interface IngestOptions {
  publish(killmail: Killmail): Spread;
  names: Names;
  /** Gets to know the names of ids, within a bounded time. Never rejects. @default nothing is asked for */
  learn?(ids: ReadonlySet<number>): Promise<void>;
  logger: Logger;
}

/**
 * Brings the killmails of a feed to the gateway. The largest takes several milliseconds to check, to build and to encode:
 * each of these happens in a turn of the event loop of its own.
 */
export class Ingest {
  #spreads = true;

  constructor(readonly options: IngestOptions) {}

  /** Publishes a killmail from outside, in any of the known forms. Resolves to what is wrong with it where it is none. */
  async take(input: unknown): Promise<string | undefined> {
    const { names, learn, logger } = this.options;
    const parsed = parseKillmail(input);
    if (!parsed.ok) return parsed.issues.map(({ path, message }) => `${path}: ${message}`.slice(0, 200)).join('; ');
    await learn?.(idsIn(parsed.value));
    await turn();
    const killmail = toKillmail(parsed.value, names);
    await turn();
    try {
      void this.#watch(this.options.publish(killmail));
    } catch (error) {
      logger.error({ killmail_id: killmail.killmail_id, err: error }, 'a killmail of the feed could not be published');
      return 'not published';
    }
    return undefined;
  }

  /**
   * A kill that the bus did not take is not sent again: instances that cannot hear this one soon read the feed
   * themselves, from the last place they heard of.
   */
  async #watch({ done }: Spread): Promise<void> {
    try {
      await done;
      this.#spreads = true;
    } catch (error) {
      if (this.#spreads) this.options.logger.warn({ err: error }, 'kills of the feed do not reach the other instances');
      this.#spreads = false;
    }
  }
}

/** Everybody and everything in a killmail that has a name, and came without it. */
function idsIn({ body }: ParsedKillmail): ReadonlySet<number> {
  const ids = new Set<number>();
  const add = (id: number | null | undefined, name: string | null | undefined) => {
    if (id != null && name == null) ids.add(id);
  };
  for (const party of [body.victim, ...body.attackers]) {
    add(party.character_id, party.character_name);
    add(party.corporation_id, party.corporation_name);
    add(party.alliance_id, party.alliance_name);
    add(party.ship_type_id, party.ship_type_name ?? party.ship_name);
  }
  add(body.solar_system_id ?? body.system_id, body.solar_system_name);
  return ids;
}
