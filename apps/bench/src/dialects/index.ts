import type { Dialect } from './dialect.js';

/** A dialect is one file here and one line in this table. They are loaded when asked for: none costs the others memory. */
const table: Readonly<Record<string, () => Promise<{ dialect: Dialect }>>> = {
  falcon: () => import('./falcon.js'),
  phoenix: () => import('./phoenix.js'),
  killmails: () => import('./killmails.js'),
  'real killmails': () => import('./real-killmails.js'),
  raffle: () => import('./raffle.js'),
  spywatcher: () => import('./spywatcher.js'),
  vmax: () => import('./vmax.js'),
};

export const dialectNames: readonly string[] = Object.keys(table).filter((name) => name !== 'real killmails');

export async function dialectNamed(name: string): Promise<Dialect> {
  const load = table[name];
  if (load === undefined) throw new Error(`expected one of the dialects ${dialectNames.join(', ')}, got ${name}`);
  return (await load()).dialect;
}
