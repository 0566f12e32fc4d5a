import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What the checks read of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  license?: string;
  sideEffects?: boolean | string[];
  engines?: { node: string };
  repository?: { directory: string };
  bin?: Record<string, string>;
  exports?: Exports;
  imports?: Exports;
  files?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  publishConfig?: { access?: string; exports?: Exports; imports?: Exports };
}

/** A target, or targets by condition, subpath or both. */
export type Exports = string | { [key: string]: Exports };

export interface WorkspacePackage {
  /** Its name without the scope, which is its folder's name. */
  name: string;
  /** From the repository's folder, with `/`: `packages/engine`. */
  folder: string;
  manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Every package and application of the repository. */
export function workspacePackages(): WorkspacePackage[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .filter((name) => existsSync(join(root, parent, name, 'package.json')))
      .map((name) => ({ name, folder: `${parent}/${name}`, manifest: readManifest(join(root, parent, name)) })),
  );
}

/** Those that are published. */
export function publicPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** Whether it is built for `require` too: what clients load. */
export function hasCommonJs({ name }: { name: string }): boolean {
  return name === 'client-core' || name.endsWith('-client') || name.endsWith('-protocol');
}
