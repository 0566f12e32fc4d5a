import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, isAllowed, isAllowedExternal, isKnown } from './arrows.js';
import { root, type WorkspacePackage, workspacePackages } from './workspace.js';

const scope = '@roomcast/';
const all = workspacePackages();

/** What its code needs at run time, by package name. */
function dependencies({ manifest }: WorkspacePackage): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
}

function arrowProblem(from: string, dependency: string): string | undefined {
  const allowed = dependency.startsWith(scope)
    ? isAllowed(from, dependency.slice(scope.length))
    : isAllowedExternal(from, dependency);
  return allowed ? undefined : `${from} must not depend on ${dependency}`;
}

function sourceFiles({ folder }: WorkspacePackage): string[] {
  const source = join(root, folder, 'src');
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
    .map((file) => join(source, file));
}

/** Imports of workspace packages that the manifest does not name, and relative ones that leave the package. */
function importProblems(from: WorkspacePackage, file: string): string[] {
  const home = join(root, from.folder) + sep;
  return importsOf(readFileSync(file, 'utf8')).flatMap((specifier) => {
    const where = `${file.slice(root.length)} imports ${specifier}`;
    if (specifier.startsWith('.')) {
      return normalize(join(dirname(file), specifier)).startsWith(home) ? [] : [`${where}, outside its package`];
    }
    const imported = specifier.split('/').slice(0, 2).join('/');
    if (!specifier.startsWith(scope) || imported === scope + from.name) return [];
    return dependencies(from).includes(imported) ? [] : [`${where}, which its package.json does not name`];
  });
}

/** The first way from a package back to itself, development dependencies included. */
function circle(name: string, path: string[] = []): string[] | undefined {
  if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
  const manifest = all.find((one) => one.name === name)?.manifest;
  for (const next of Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies })) {
    const found = next.startsWith(scope) ? circle(next.slice(scope.length), [...path, name]) : undefined;
    if (found) return found;
  }
  return undefined;
}

describe('the rules', () => {
  test.each([
    ['vmax-client', 'vmax-protocol'],
    ['vmax-client', 'client-core'],
    ['vmax-gateway', 'engine'],
    ['vmax-gateway', 'vmax-protocol'],
    ['killmails-gateway', 'phoenix'],
    ['vmax-server', 'vmax-gateway'],
    ['redis', 'engine'],
    ['demo', 'vmax-server'],
  ])('%s may import %s', (from, to) => {
    expect(isAllowed(from, to)).toBe(true);
  });

  test.each([
    ['vmax-client', 'engine'],
    ['engine', 'vmax-client'],
    ['engine', 'vmax-protocol'],
    ['engine', 'phoenix'],
    ['client-core', 'engine'],
    ['vmax-protocol', 'raffle-protocol'],
    ['vmax-client', 'raffle-protocol'],
    ['vmax-gateway', 'vmax-client'],
    ['vmax-gateway', 'vmax-server'],
    ['vmax-gateway', 'server'],
    ['vmax-server', 'raffle-gateway'],
    ['engine', 'testing'],
    ['unheard-of', 'engine'],
  ])('%s must not import %s', (from, to) => {
    expect(isAllowed(from, to)).toBe(false);
  });

  test('a protocol depends on zod alone', () => {
    expect(isAllowedExternal('vmax-protocol', 'zod')).toBe(true);
    expect(isAllowedExternal('vmax-protocol', 'ws')).toBe(false);
  });

  test('every form of import is seen', () => {
    const text = `
      import a from 'static';
      import type { B } from 'type-only';
      export { c } from 're-exported';
      export type { D } from 're-exported-type';
      const e = await import('dynamic');
      const f = require('required');
      type G = import('in-a-type').G;
    `;
    const seen = ['static', 'type-only', 're-exported', 're-exported-type', 'dynamic', 'required', 'in-a-type'];
    expect(importsOf(text)).toEqual(seen);
  });
});

describe.each(all)('$name', (one) => {
  test('has a rule in arrows.ts', () => {
    expect(isKnown(one.name)).toBe(true);
  });

  test('depends on what lies beneath it', () => {
    expect(dependencies(one).flatMap((dependency) => arrowProblem(one.name, dependency) ?? [])).toEqual([]);
  });

  test('imports what its package.json names', () => {
    expect(sourceFiles(one).flatMap((file) => importProblems(one, file))).toEqual([]);
  });

  test('is in no circle', () => {
    expect(circle(one.name)).toBeUndefined();
  });
});
