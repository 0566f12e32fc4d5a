import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Exports, type Manifest, readManifest, type WorkspacePackage } from '../test/workspace.js';
import { output, type Tarballs, tool } from './tarballs.js';

/** A folder outside the repository into which npm has installed one packed package. */
export interface Consumer {
  folder: string;
  /** The package.json that was published. */
  manifest: Manifest;
  /** What it can be asked for: `@roomcast/engine`, `@roomcast/engine/identity`. */
  entries: string[];
}

/** The package and what it leaves to its user; its workspace dependencies come from their tarballs, never a registry. */
export async function install(one: WorkspacePackage, tarballs: Tarballs, parent: string): Promise<Consumer> {
  const { name, peerDependencies = {}, devDependencies = {} } = one.manifest;
  const folder = join(parent, one.name);
  const files = Object.fromEntries([...tarballs].map(([packed, path]) => [packed, `file:${path}`]));
  const direct: Record<string, string | undefined> = { [name]: files[name] };
  for (const [peer, range] of Object.entries(peerDependencies)) direct[peer] = files[peer] ?? range;
  // What npm is asked for directly can be overridden only by the same.
  const same = Object.fromEntries(Object.keys(direct).flatMap((of) => (of in files ? [[of, `$${of}`]] : [])));
  const types = ['node', ...Object.keys(peerDependencies)].map((of) => `@types/${of}`);
  const project = {
    private: true,
    dependencies: direct,
    devDependencies: Object.fromEntries(types.filter((of) => of in devDependencies).map((of) => [of, typeVersion(of)])),
    overrides: { ...files, ...same },
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error'];
  await output('npm', ['install', ...quiet], folder);
  const manifest = readManifest(join(folder, 'node_modules', name));
  return { folder, manifest, entries: entriesOf(name, manifest.exports ?? {}) };
}

/** The oldest Node that is supported has the oldest types. */
function typeVersion(name: string): string {
  return name === '@types/node' ? '20' : '*';
}

function entriesOf(name: string, exports: Exports): string[] {
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => name + path.slice(1));
}

/** The names of what each entry exports, as a program finds them that imports or requires it. */
export async function exportedNames({ folder, entries }: Consumer, load: 'import' | 'require'): Promise<string[][]> {
  const file = load === 'import' ? 'names.mjs' : 'names.cjs';
  const program = `
    (async () => {
      const names = [];
      for (const entry of ${JSON.stringify(entries)}) names.push(Object.keys(await ${load}(entry)).sort());
      console.log(JSON.stringify(names));
    })();`;
  writeFileSync(join(folder, file), program);
  return JSON.parse(await output(process.execPath, [file], folder)) as string[][];
}

const strict = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2023' };

/** What the compiler is told where the package is used. */
const platforms = {
  node: { ...strict, module: 'nodenext', lib: ['es2023'], types: ['node'] },
  browser: { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] },
};

/** Compiles programs that use every entry, with the declarations of all that is installed; an error rejects with them. */
export async function typeCheck(consumer: Consumer, platform: keyof typeof platforms, files: string[]): Promise<void> {
  for (const file of files) {
    const lines = consumer.entries.map(
      (entry, i) => `${importOf(`all${i}`, entry, file)}\nall${i} satisfies object;\n`,
    );
    writeFileSync(join(consumer.folder, file), lines.join(''));
  }
  const project = `tsconfig.${platform}.json`;
  writeFileSync(join(consumer.folder, project), JSON.stringify({ compilerOptions: platforms[platform], files }));
  await output(tool('tsc'), ['--project', project], consumer.folder);
}

function importOf(name: string, entry: string, file: string): string {
  return file.endsWith('.cts') ? `import ${name} = require('${entry}');` : `import * as ${name} from '${entry}';`;
}
