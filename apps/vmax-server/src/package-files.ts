import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// This module stands in `src` itself, so that the paths are right in `dist` too.

/** The path of a file in this package's `data` folder, which stands beside `src` and `dist` alike. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.url));
}

const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** This package's version. */
export const { version } = manifest;
