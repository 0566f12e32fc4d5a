import { readFileSync } from 'node:fs';
import { dataFile } from '../../src/data.js';

export interface Recorded {
  killmail: { killmail_id: number; solar_system_id: number; attackers: unknown[]; [field: string]: unknown };
  zkb?: { hash?: string; [field: string]: unknown };
}

/** The real killmails that come with the package. */
export const recorded: readonly Recorded[] = readFileSync(dataFile('killmails.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** A real killmail as zKillboard's feed brings it. */
export function r2z2Body(index: number): { killmail_id: number; hash: string; esi: object; zkb: object } {
  const { killmail, zkb = {} } = recorded[index] as Recorded;
  return { killmail_id: killmail.killmail_id, hash: zkb.hash ?? '', esi: killmail, zkb };
}
