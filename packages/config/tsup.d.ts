import type { Options } from 'tsup';

export interface BuildOptions {
  /** The files that others import. @default ['src/index.ts'] */
  entry?: string[] | Record<string, string>;
  /** `cjs` beside `esm` for what clients load. @default ['esm'] */
  formats?: ('esm' | 'cjs')[];
}

/** The build of one package, with declarations. */
export function build(options?: BuildOptions): Options;
