import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';

/** What a page loads. */
export interface Bundle {
  readonly code: string;
  readonly gzipBytes: number;
  /** What it leaves to be imported, in alphabetical order. */
  readonly imports: readonly string[];
  /** The files it consists of, from the root of the repository. */
  readonly files: readonly string[];
}

/** Bundles a file for browsers, without what others bring along anyway. */
export async function bundle(file: URL, external: readonly string[], options: BuildOptions = {}): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    absWorkingDir: fileURLToPath(new URL('../../../', import.meta.url)),
    conditions: ['@roomcast/source'],
    external: [...external],
    ...options,
    metafile: true,
    write: false,
  });
  const code = outputFiles.map(({ text }) => text).join('');
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return {
    code,
    gzipBytes: gzipSync(code).length,
    imports: [...new Set(imports)].sort(),
    files: Object.keys(metafile.inputs),
  };
}
