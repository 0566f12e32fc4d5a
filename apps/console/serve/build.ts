import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const home = fileURLToPath(new URL('..', import.meta.url));
const packages = fileURLToPath(new URL('../../../packages', import.meta.url));
const built = join(home, 'dist');

/**
 * The folder of the built page. Builds it, in a process of its own, where it is not there or older than what it is made
 * of; that takes a few seconds. Rejects with what the build said.
 */
export async function builtConsole(): Promise<string> {
  if (isFresh()) return built;
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: home });
  return built;
}

function isFresh(): boolean {
  const page = join(built, 'index.html');
  if (!existsSync(page)) return false;
  const builtAt = statSync(page).mtimeMs;
  return inputs().every((file) => statSync(file).mtimeMs <= builtAt);
}

/** Every file that the page is made of, and the folders, whose times tell of files that went. */
function inputs(): string[] {
  const sources = readdirSync(packages)
    .filter((name) => name === 'client-core' || /-(client|protocol)$/.test(name))
    .map((name) => join(packages, name, 'src'));
  const folders = [join(home, 'src'), ...sources].filter((folder) => existsSync(folder));
  const within = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  const own = ['index.html', 'package.json', 'vite.config.ts'].map((file) => join(home, file));
  return [...own, ...folders, ...folders.flatMap(within)];
}
