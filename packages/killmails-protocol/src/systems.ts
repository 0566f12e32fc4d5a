import { maxCharacterId, maxSystemId } from './limits.js';
import { reasons } from './reasons.js';

/** A list of ids from a client: the ids, each once in the order given, or the text of the error reply. */
export type IdList =
  | { readonly ok: true; readonly ids: readonly number[] }
  | { readonly ok: false; readonly reason: string };

/** Checks a `systems` list. How many a connection may have in total is the server's to decide. */
export function parseSystems(value: unknown): IdList {
  return parseIds(value, maxSystemId, reasons.systemsNotIntegers, reasons.invalidSystems);
}

/** Checks a `character_ids` list. */
export function parseCharacters(value: unknown): IdList {
  return parseIds(value, maxCharacterId, reasons.charactersNotIntegers, reasons.invalidCharacters);
}

function parseIds(value: unknown, max: number, notIntegers: string, outOfRange: string): IdList {
  if (!Array.isArray(value) || !value.every(Number.isInteger)) return { ok: false, reason: notIntegers };
  const ids: readonly number[] = value;
  if (!ids.every((id) => id >= 1 && id <= max)) return { ok: false, reason: outOfRange };
  return { ok: true, ids: [...new Set(ids)] };
}
