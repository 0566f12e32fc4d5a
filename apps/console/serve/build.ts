import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const home = fileURLToPath(new URL('..', import.meta.url));
const packages = fileURLToPath(new URL('../../../packages', import.meta.url));
const built = join(home, 'dist');
/** Being built; there while somebody builds. */
const building = join(home, 'node_modules/.console-build');

/** Longer than any build takes: who has not finished by then was ended. */
const staleAfterMs = 120_000;
const pollMs = 200;

/**
 * The folder of the built page. Builds it, in a process of its own, where it is not there or older than what it is made
 * of; that takes a few seconds. Of several processes one builds and the others wait. Rejects with what the build said.
 */
export async function builtConsole(): Promise<string> {
  while (!isFresh()) {
    if (await isMine()) {
      await build();
      break;
    }
    await wait(pollMs);
  }
  return built;
}

/** Whether it is this process that builds: making the folder succeeds once. */
async function isMine(): Promise<boolean> {
  try {
    await mkdir(building);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Gone by now where whoever had it is done.
  const begunMs = (await stat(building).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
  if (Date.now() - begunMs > staleAfterMs) await rm(building, { recursive: true, force: true });
  return false;
}

/** Beside the folder that is served, so that what is in that one is always whole. */
async function build(): Promise<void> {
  const output = join(building, 'dist');
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  try {
    // Another process may have built it while this one looked.
    if (isFresh()) return;
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error', '--outDir', output], {
      cwd: home,
      // What is served is the same whoever asks for it: tests set another one, with which React is a development build.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await rm(built, { recursive: true, force: true });
    await rename(output, built);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
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
