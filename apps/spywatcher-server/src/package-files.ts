import { fileURLToPath } from 'node:url';

// This module stands in `src` itself, so that the path is right in `dist` too.

/** The path of a file in this package's `data` folder, which stands beside `src` and `dist` alike. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.url));
}
