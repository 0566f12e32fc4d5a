import type { Killmail, WireKillmail } from './entities.js';
import { toZkb } from './zkb.js';

/**
 * Fills in the other name of every doubled field of a received killmail and leaves nulls out. Fields the protocol does
 * not know stay. Trusts its input: it passed the `killmail` schema and `missingPairs`.
 */
export function complete(wire: WireKillmail): Killmail {
  const time = wire.killmail_time ?? wire.kill_time ?? '';
  const system = wire.solar_system_id ?? wire.system_id ?? 0;
  return {
    ...withoutNulls(wire),
    killmail_time: time,
    kill_time: time,
    solar_system_id: system,
    system_id: system,
    victim: withShipNames(wire.victim),
    attackers: wire.attackers.map(withShipNames),
    attacker_count: wire.attacker_count ?? wire.attackers.length,
    zkb: toZkb(wire.zkb ?? undefined),
  };
}

type Known<T> = { [K in keyof T]: Exclude<T[K], null> };

function withoutNulls<T extends object>(from: T): Known<T> {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== null)) as Known<T>;
}

function withShipNames<T extends { ship_type_name?: string | null | undefined; ship_name?: string | null | undefined }>(
  from: T,
) {
  const name = from.ship_type_name ?? from.ship_name ?? undefined;
  return { ...withoutNulls(from), ship_type_name: name, ship_name: name };
}
