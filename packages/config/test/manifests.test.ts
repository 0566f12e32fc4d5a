import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Exports, hasCommonJs, publicPackages, readManifest, root } from './workspace.js';

const sourceCondition = '@roomcast/source';

function withoutSource(exports: Exports): Exports {
  if (typeof exports === 'string') return exports;
  const kept = Object.entries(exports).filter(([key]) => key !== sourceCondition);
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSource(value)]));
}

describe.each(publicPackages())('$name', ({ name, folder, manifest }) => {
  const home = join(root, folder);
  const entries = Object.entries(manifest.exports ?? {}).filter(([path]) => path !== './package.json');

  test('publishes what it exports and imports, without the way to its sources', () => {
    expect(manifest.publishConfig?.exports).toEqual(withoutSource(manifest.exports ?? {}));
    expect(manifest.publishConfig?.imports).toEqual(manifest.imports && withoutSource(manifest.imports));
  });

  test.each(entries)('%s leads to a source first, and to CommonJS where clients load it', (_path, targets) => {
    const conditions = Object.entries(targets);
    expect(conditions[0]).toEqual([sourceCondition, expect.stringMatching(/^\.\/src\/.*\.tsx?$/)]);
    expect(existsSync(join(home, String(conditions[0]?.[1])))).toBe(true);
    expect(Object.hasOwn(Object(targets), 'require')).toBe(hasCommonJs({ name }));
  });

  test('says what a package has to say', () => {
    expect(manifest).toMatchObject({
      name: `@roomcast/${name}`,
      license: 'MIT',
      sideEffects: false,
      engines: readManifest(root).engines,
      repository: { directory: folder },
      files: expect.arrayContaining(['dist', 'README.md', 'LICENSE']),
      exports: { './package.json': './package.json' },
      publishConfig: { access: 'public' },
    });
    expect(manifest.files).not.toContain('src');
  });

  test('carries the licence', () => {
    expect(readFileSync(join(home, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
  });
});
