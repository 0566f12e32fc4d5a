import * as z from 'zod/mini';
import type { Issue } from './result.js';

/*
 * The document and the servers in use name some fields differently. What Roomcast emits carries both names of each
 * such field; what is received may carry either, and null for what is not known.
 */

/** A thing fitted to or carried by the lost ship. */
export interface Item {
  readonly item_type_id: number;
  readonly flag: number;
  readonly singleton: number;
  readonly quantity_destroyed?: number | undefined;
  readonly quantity_dropped?: number | undefined;
  /** What a container held. */
  readonly items?: readonly Item[] | undefined;
}

/** Who took part, with names where they are known. */
export interface Party {
  readonly character_id?: number | undefined;
  readonly character_name?: string | undefined;
  readonly corporation_id?: number | undefined;
  readonly corporation_name?: string | undefined;
  readonly corporation_ticker?: string | undefined;
  readonly alliance_id?: number | undefined;
  readonly alliance_name?: string | undefined;
  readonly alliance_ticker?: string | undefined;
  readonly faction_id?: number | undefined;
  readonly ship_type_id?: number | undefined;
  /** The same text as `ship_name`. */
  readonly ship_type_name?: string | undefined;
  /** The same text as `ship_type_name`. */
  readonly ship_name?: string | undefined;
}

/** Without `character_id` where a structure was lost. */
export interface Victim extends Party {
  readonly damage_taken?: number | undefined;
  readonly position?: { readonly x: number; readonly y: number; readonly z: number } | undefined;
  readonly items?: readonly Item[] | undefined;
}

/** Without `character_id` where it was not a player. */
export interface Attacker extends Party {
  readonly weapon_type_id?: number | undefined;
  readonly damage_done?: number | undefined;
  readonly final_blow?: boolean | undefined;
  readonly security_status?: number | undefined;
}

/** zKillboard's figures, values in ISK. Fields that zKillboard adds pass through. */
export interface Zkb {
  readonly hash?: string | undefined;
  readonly totalValue?: number | undefined;
  readonly total_value?: number | undefined;
  readonly fittedValue?: number | undefined;
  readonly fitted_value?: number | undefined;
  readonly droppedValue?: number | undefined;
  readonly dropped_value?: number | undefined;
  readonly destroyedValue?: number | undefined;
  readonly destroyed_value?: number | undefined;
  readonly locationID?: number | undefined;
  readonly location_id?: number | undefined;
  readonly points?: number | undefined;
  readonly npc?: boolean | undefined;
  readonly solo?: boolean | undefined;
  readonly awox?: boolean | undefined;
  readonly labels?: readonly string[] | undefined;
}

/** A killmail with both names of every doubled field. */
export interface Killmail {
  readonly killmail_id: number;
  /** ISO 8601; the same as `kill_time`. */
  readonly killmail_time: string;
  /** ISO 8601; the same as `killmail_time`. */
  readonly kill_time: string;
  /** The same as `system_id`. */
  readonly solar_system_id: number;
  /** The same as `solar_system_id`. */
  readonly system_id: number;
  readonly solar_system_name?: string | undefined;
  readonly moon_id?: number | undefined;
  readonly war_id?: number | undefined;
  readonly victim: Victim;
  readonly attackers: readonly Attacker[];
  readonly attacker_count: number;
  readonly zkb?: Zkb | undefined;
}

const id = z.optional(z.nullable(z.int()));
const figure = z.optional(z.nullable(z.number()));
const text = z.optional(z.nullable(z.string()));
const flag = z.optional(z.nullable(z.boolean()));

const party = {
  character_id: id,
  character_name: text,
  corporation_id: id,
  corporation_name: text,
  corporation_ticker: text,
  alliance_id: id,
  alliance_name: text,
  alliance_ticker: text,
  faction_id: id,
  ship_type_id: id,
  ship_type_name: text,
  ship_name: text,
};

const containedItem = {
  item_type_id: z.int(),
  flag: z.int(),
  singleton: z.int(),
  quantity_destroyed: z.optional(z.int()),
  quantity_dropped: z.optional(z.int()),
};

/** Containers do not nest in the game; a schema that refers to itself would lose its fast path. */
const item = z.looseObject({
  ...containedItem,
  items: z.optional(z.array(z.looseObject(containedItem))),
});

/** The victim's fields that are the same in every form. */
export const victimExtras = {
  damage_taken: figure,
  position: z.optional(z.nullable(z.looseObject({ x: z.number(), y: z.number(), z: z.number() }))),
  items: z.optional(z.nullable(z.array(item))),
};

export const victim = z.looseObject({ ...party, ...victimExtras });

export const attacker = z.looseObject({
  ...party,
  weapon_type_id: id,
  damage_done: figure,
  final_blow: flag,
  security_status: figure,
});

export const zkb = z.looseObject({
  hash: text,
  totalValue: figure,
  total_value: figure,
  fittedValue: figure,
  fitted_value: figure,
  droppedValue: figure,
  dropped_value: figure,
  destroyedValue: figure,
  destroyed_value: figure,
  locationID: id,
  location_id: id,
  points: figure,
  npc: flag,
  solo: flag,
  awox: flag,
  labels: z.optional(z.nullable(z.array(z.string()))),
});

/** An ISO 8601 time with its offset, as `since_hours` and every consumer's clock need it. */
const time = z.iso.datetime({ offset: true });

/** A killmail as it may arrive: under either name of a doubled field, unknown fields passing. */
export const killmail = z.looseObject({
  killmail_id: z.int().check(z.positive()),
  killmail_time: z.optional(z.nullable(time)),
  kill_time: z.optional(z.nullable(time)),
  solar_system_id: z.optional(z.nullable(z.int().check(z.positive()))),
  system_id: z.optional(z.nullable(z.int().check(z.positive()))),
  solar_system_name: text,
  moon_id: id,
  war_id: id,
  victim,
  attackers: z.array(attacker),
  attacker_count: id,
  zkb: z.optional(z.nullable(zkb)),
});

export type WireKillmail = z.infer<typeof killmail>;
export type WireZkb = z.infer<typeof zkb>;

/** Of a doubled field at least one name must be there. */
export function missingPairs(killmail: WireKillmail): Issue[] {
  const issues: Issue[] = [];
  if ((killmail.killmail_time ?? killmail.kill_time) == null) {
    issues.push({ path: 'killmail_time', message: 'expected killmail_time or kill_time, got neither' });
  }
  if ((killmail.solar_system_id ?? killmail.system_id) == null) {
    issues.push({ path: 'solar_system_id', message: 'expected solar_system_id or system_id, got neither' });
  }
  return issues;
}
