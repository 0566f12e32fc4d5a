import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A JSON example of the document, its placeholders filled in. */
export function fixture(name: string): unknown {
  return JSON.parse(read(`../fixtures/${name}.json`));
}

export interface RealKillmail {
  killmail: { killmail_id: number; [field: string]: unknown };
  zkb?: Record<string, unknown>;
}

/** Real killmails: the demo feed's data file, so that the repository holds them once. */
export const realKillmails: readonly RealKillmail[] = read('../../../../apps/killmails-server/data/killmails.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

export function realKillmail(id: number): RealKillmail {
  const found = realKillmails.find(({ killmail }) => killmail.killmail_id === id);
  if (!found) throw new Error(`no killmail ${id} in the data file`);
  return found;
}
