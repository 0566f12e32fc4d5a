import { createHash } from 'node:crypto';
import { madeUpNames } from './made-up-names.js';

/** The systems of the API's document. */
export const popularSystems = Object.freeze([30000142, 30002659, 30002187, 30002053, 30002510] as const);

/** Who took part in a killmail of the data file: ESI's form. */
interface Party {
  character_id?: number;
  corporation_id?: number;
  alliance_id?: number;
}

/** A line of the data file. */
export interface RecordedKillmail {
  killmail: {
    solar_system_id: number;
    moon_id?: number;
    victim: Party & Record<string, unknown>;
    attackers: (Party & Record<string, unknown>)[];
    [field: string]: unknown;
  };
  zkb?: Record<string, unknown>;
}

interface Freshness {
  id: number;
  /** In milliseconds since the epoch. */
  at: number;
  /** Where it is moved to; undefined: it stays where it happened. */
  system: number | undefined;
}

/**
 * A recorded killmail as if it had just happened, in the document's form. What tells the old place, beside the system,
 * is left out where the kill is moved.
 */
export function freshen({ killmail, zkb }: RecordedKillmail, { id, at, system }: Freshness): object {
  const { moon_id, ...rest } = killmail;
  return {
    ...rest,
    ...(system === undefined && moon_id !== undefined && { moon_id }),
    killmail_id: id,
    // The game tells whole seconds.
    killmail_time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    solar_system_id: system ?? killmail.solar_system_id,
    victim: named(killmail.victim),
    attackers: killmail.attackers.map(named),
    zkb: { ...zkb, hash: hashOf(id), ...(system !== undefined && { locationID: undefined }) },
  };
}

function named(from: Party): object {
  const { character_id, corporation_id, alliance_id } = from;
  return {
    ...from,
    ...(character_id !== undefined && { character_name: madeUpNames.character(character_id) }),
    ...(corporation_id !== undefined && { corporation_name: madeUpNames.corporation(corporation_id) }),
    ...(alliance_id !== undefined && { alliance_name: madeUpNames.alliance(alliance_id) }),
  };
}

/** Of the form of a killmail's hash; a real one would name another killmail. */
function hashOf(id: number): string {
  return createHash('sha1').update(`demo ${id}`).digest('hex');
}
