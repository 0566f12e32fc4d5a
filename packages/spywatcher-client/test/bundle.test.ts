import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildResult, build } from 'esbuild';
import { expect, it } from 'vitest';

const source = (file: string) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

/** What a page loads, without what others bring along anyway. */
function bundle(file: string, external: string[]): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    entryPoints: [source(file)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    absWorkingDir: fileURLToPath(new URL('../../../', import.meta.url)),
    conditions: ['@roomcast/source'],
    external,
    metafile: true,
    write: false,
  });
}

const imported = ({ metafile }: { metafile: { outputs: Record<string, { imports: { path: string }[] }> } }) => [
  ...new Set(Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))),
];

function gzipBytes({ outputFiles }: { outputFiles: { contents: Uint8Array }[] }): number {
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(0)).length;
}

it('the client needs neither React nor anything of Node, and is small', async () => {
  const main = await bundle('index.ts', ['zod/mini', 'socket.io-client']);
  expect(imported(main).sort()).toEqual(['socket.io-client', 'zod/mini']);
  expect(Object.keys(main.metafile.inputs).filter((file) => /react|\/ws\//.test(file))).toEqual([]);
  expect(gzipBytes(main)).toBeLessThan(10_500);
});

it('a page loads nothing of Node with Socket.IO either', async () => {
  const page = await bundle('index.ts', []);
  expect(imported(page)).toEqual([]);
  expect(Object.keys(page.metafile.inputs).filter((file) => /react|\/ws\/|xmlhttprequest-ssl/.test(file))).toEqual([]);
});

it('the hooks bring React and the client along by their names, and nothing else', async () => {
  const hooks = await bundle('react/index.ts', ['react', '@roomcast/spywatcher-client']);
  expect(imported(hooks).sort()).toEqual(['@roomcast/spywatcher-client', 'react']);
  expect(Object.keys(hooks.metafile.inputs).every((file) => file.includes('/src/react/'))).toBe(true);
  expect(gzipBytes(hooks)).toBeLessThan(2_000);
});
