import * as z from 'zod/mini';
import { killmail, missingPairs, victimExtras, type WireKillmail, type WireZkb, zkb } from './entities.js';
import { toIssues } from './issues.js';
import type { Issue, Result } from './result.js';

const id = z.optional(z.nullable(z.int()));

/** EVE's own form: ids only. A killmail may have thousands of attackers, so their fields are what costs here. */
export const esiKillmail = z.looseObject({
  killmail_id: z.int().check(z.positive()),
  killmail_time: z.iso.datetime({ offset: true }),
  solar_system_id: z.int().check(z.positive()),
  moon_id: id,
  war_id: id,
  victim: z.looseObject({
    character_id: id,
    corporation_id: id,
    alliance_id: id,
    faction_id: id,
    ship_type_id: z.int(),
    ...victimExtras,
    damage_taken: z.number(),
  }),
  attackers: z.array(
    z.looseObject({
      character_id: id,
      corporation_id: id,
      alliance_id: id,
      faction_id: id,
      ship_type_id: id,
      weapon_type_id: id,
      damage_done: z.number(),
      final_blow: z.boolean(),
      security_status: z.number(),
    }),
  ),
});

/** The document's form, and what other servers of this API emit: names beside the ids, either name of a doubled field. */
export const documentedKillmail = killmail;

/** What comes beside a killmail: zKillboard's pair has `zkb`, its R2Z2 feed also the hash. */
export const besideKillmail = z.looseObject({
  hash: z.optional(z.nullable(z.string())),
  zkb: z.optional(z.nullable(zkb)),
});

export type KillmailForm = 'esi' | 'documented' | 'paired' | 'r2z2';

/** A published killmail that was checked: what `toKillmail` needs of each form. The parts are the input's own objects. */
export interface ParsedKillmail {
  readonly form: KillmailForm;
  readonly body: WireKillmail;
  readonly zkb: WireZkb | undefined;
  readonly hash: string | undefined;
}

/** Where the killmail is within the forms that wrap it. */
const wrappers = [
  ['esi', 'r2z2'],
  ['killmail', 'paired'],
] as const;

/**
 * Checks a killmail from outside, in any of the published forms. Never throws; the input is not changed.
 * Which form it is follows from its keys, so that the issues speak of the form that was meant.
 */
export function parseKillmail(input: unknown): Result<ParsedKillmail> {
  if (!isObject(input)) return killmailExpected(input, '');
  for (const [key, form] of wrappers) {
    if (key in input) return parseWrapped(input, key, form);
  }
  const form = isDocumented(input) ? 'documented' : 'esi';
  const body = parseBody(input, form);
  if (!body.ok) return body;
  return { ok: true, value: { form, body: body.value, zkb: body.value.zkb ?? undefined, hash: undefined } };
}

function parseWrapped(input: object, key: 'esi' | 'killmail', form: KillmailForm): Result<ParsedKillmail> {
  const inner: unknown = Reflect.get(input, key);
  const body = isObject(inner)
    ? within(key, parseBody(inner, isDocumented(inner) ? 'documented' : 'esi'))
    : killmailExpected(inner, key);
  const beside = check(compiledSchema('beside'), input);
  if (!body.ok || !beside.ok) return { ok: false, issues: [...issuesOf(body), ...issuesOf(beside)] };
  const { zkb, hash } = beside.value;
  return {
    ok: true,
    value: { form, body: body.value, zkb: zkb ?? body.value.zkb ?? undefined, hash: hash ?? undefined },
  };
}

function parseBody(input: object, form: 'esi' | 'documented'): Result<WireKillmail> {
  if (form === 'esi') return check(compiledSchema('esi'), input);
  const checked = check(compiledSchema('documented'), input);
  if (!checked.ok) return checked;
  const missing = missingPairs(checked.value);
  return missing.length > 0 ? { ok: false, issues: missing } : checked;
}

const schemas = { esi: esiKillmail, documented: documentedKillmail, beside: besideKillmail };

const compiled: Partial<typeof schemas> = {};

/** Compiled on first use, within a function, so that the bundle of a client that only reads leaves zod's compiler out. */
function compiledSchema<K extends keyof typeof schemas>(name: K): (typeof schemas)[K] {
  const schema = compiled[name] ?? z.compile(schemas[name]);
  compiled[name] = schema;
  return schema;
}

/** Validates without building a copy: the copy is made only to describe what is wrong. */
function check<S extends z.core.$ZodType>(schema: S, input: unknown): Result<z.infer<S>> {
  if (z.validate(schema, input)) return { ok: true, value: input as z.infer<S> };
  const { error } = z.safeParse(schema, input);
  return { ok: false, issues: toIssues(error?.issues ?? [], input) };
}

/** EVE's own form always tells the damage taken and never a name; with or without, anything else is the document's. */
function isDocumented(input: object): boolean {
  if ('kill_time' in input || 'system_id' in input || 'zkb' in input || 'attacker_count' in input) return true;
  if ('solar_system_name' in input || !('victim' in input) || !('attackers' in input)) return true;
  const { victim, attackers } = input;
  if (!isObject(victim) || !('damage_taken' in victim) || hasName(victim)) return true;
  return Array.isArray(attackers) && attackers.some(hasName);
}

/** Written out: this is asked of every attacker. */
function hasName(party: unknown): boolean {
  if (!isObject(party)) return false;
  return (
    'character_name' in party ||
    'ship_type_name' in party ||
    'ship_name' in party ||
    'corporation_name' in party ||
    'corporation_ticker' in party ||
    'alliance_name' in party ||
    'alliance_ticker' in party
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function within<T>(key: string, result: Result<T>): Result<T> {
  if (result.ok) return result;
  return { ok: false, issues: result.issues.map(({ path, message }) => ({ path: `${key}.${path}`, message })) };
}

function issuesOf(result: Result<unknown>): readonly Issue[] {
  return result.ok ? [] : result.issues;
}

function killmailExpected(input: unknown, path: string): Result<never> {
  const got = input === null ? 'null' : Array.isArray(input) ? 'a list' : typeof input;
  return { ok: false, issues: [{ path, message: `expected a killmail object, got ${got}` }] };
}
