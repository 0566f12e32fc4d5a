import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file in this package's `data` folder, which stands beside `src` and `dist` alike. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.url));
}

/** A data file that maps ids to names. */
export function readNames(name: string): ReadonlyMap<number, string> {
  const entries: Record<string, string> = JSON.parse(readFileSync(dataFile(name), 'utf8'));
  return new Map(Object.entries(entries).map(([id, text]) => [Number(id), text]));
}
