import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publicPackages, root } from '../test/workspace.js';

const execute = promisify(execFile);

/** Runs a program and resolves to its output; a failure rejects with both outputs in the message. */
export async function output(command: string, args: string[], cwd: string): Promise<string> {
  try {
    return (await execute(command, args, { cwd })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

/** A command of the repository's own tools. */
export function tool(name: string): string {
  return join(root, 'node_modules/.bin', name);
}

/** Tarballs by package name: `@roomcast/engine` → a path. */
export type Tarballs = ReadonlyMap<string, string>;

/** Packs every public package as publishing would. */
export async function packAll(folder: string): Promise<Tarballs> {
  mkdirSync(folder, { recursive: true });
  const tarballs = new Map<string, string>();
  for (const one of publicPackages()) {
    const report = await output('pnpm', ['pack', '--json', '--pack-destination', folder], join(root, one.folder));
    tarballs.set(one.manifest.name, (JSON.parse(report) as { filename: string }).filename);
  }
  return tarballs;
}
