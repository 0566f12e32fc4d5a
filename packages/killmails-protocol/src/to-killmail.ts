import type { Attacker, Killmail, Party, Victim, WireKillmail } from './entities.js';
import type { ParsedKillmail } from './input.js';
import { type Names, noNames } from './names.js';
import { toZkb } from './zkb.js';

type WireVictim = WireKillmail['victim'];
type WireAttacker = WireKillmail['attackers'][number];

/**
 * The killmail as it is emitted: both names of every doubled field, names where the input or `names` knows them,
 * nulls left out. Trusts its input: what `parseKillmail` returned.
 */
export function toKillmail({ body, zkb, hash }: ParsedKillmail, names: Names = noNames): Killmail {
  const time = body.killmail_time ?? body.kill_time ?? '';
  const system = body.solar_system_id ?? body.system_id ?? 0;
  return {
    killmail_id: body.killmail_id,
    killmail_time: time,
    kill_time: time,
    solar_system_id: system,
    system_id: system,
    solar_system_name: body.solar_system_name ?? names.system(system),
    moon_id: body.moon_id ?? undefined,
    war_id: body.war_id ?? undefined,
    victim: toVictim(body.victim, names),
    attackers: body.attackers.map((attacker) => toAttacker(attacker, names)),
    attacker_count: body.attackers.length,
    zkb: toZkb(zkb, hash),
  };
}

/** Fields are assigned, not spread: spreading an object of this many fields costs forty times as much. */
type Building<T> = { -readonly [K in keyof T]: T[K] };

function toVictim(from: WireVictim, names: Names): Victim {
  const victim: Building<Victim> = toParty(from, names);
  victim.damage_taken = from.damage_taken ?? undefined;
  victim.position = from.position ?? undefined;
  victim.items = from.items ?? undefined;
  return victim;
}

function toAttacker(from: WireAttacker, names: Names): Attacker {
  const attacker: Building<Attacker> = toParty(from, names);
  attacker.weapon_type_id = from.weapon_type_id ?? undefined;
  attacker.damage_done = from.damage_done ?? undefined;
  attacker.final_blow = from.final_blow ?? undefined;
  attacker.security_status = from.security_status ?? undefined;
  return attacker;
}

/** Always the same keys in the same order: thousands of these are made per killmail, and one shape keeps them cheap. */
function toParty(from: WireVictim | WireAttacker, names: Names): Party {
  const { character_id, corporation_id, alliance_id, ship_type_id } = from;
  const ship = from.ship_type_name ?? from.ship_name ?? (ship_type_id == null ? undefined : names.ship(ship_type_id));
  return {
    character_id: character_id ?? undefined,
    character_name: from.character_name ?? (character_id == null ? undefined : names.character(character_id)),
    corporation_id: corporation_id ?? undefined,
    corporation_name: from.corporation_name ?? (corporation_id == null ? undefined : names.corporation(corporation_id)),
    corporation_ticker: from.corporation_ticker ?? undefined,
    alliance_id: alliance_id ?? undefined,
    alliance_name: from.alliance_name ?? (alliance_id == null ? undefined : names.alliance(alliance_id)),
    alliance_ticker: from.alliance_ticker ?? undefined,
    faction_id: from.faction_id ?? undefined,
    ship_type_id: ship_type_id ?? undefined,
    ship_type_name: ship,
    ship_name: ship,
  };
}
