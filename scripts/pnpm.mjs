import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';
import { manifest, root } from './root.mjs';

const lockfile = join(root, 'pnpm-lock.yaml');
const stamp = join(root, 'node_modules/.roomcast-lockfile');

/**
 * Runs the pnpm on PATH where it is the version package.json pins, else that version through npx.
 * @param {string[]} args
 * @returns {Promise<number>} The exit code.
 */
export function pnpm(args) {
  const pin = manifest.packageManager.split('+')[0];
  const found = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (`pnpm@${found.stdout?.trim()}` === pin) return run('pnpm', args);
  return run('npx', ['--yes', pin, ...args]);
}

/**
 * Installs what the lockfile says, unless that is what the last run installed.
 * @returns {Promise<number>} The exit code; 0 where there was nothing to do.
 */
export async function install() {
  const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 0;
  rmSync(stamp, { force: true });
  // The second flag keeps the tools where NODE_ENV=production is set, the third a question away about another pnpm's folder.
  const code = await pnpm(['install', '--frozen-lockfile', '--prod=false', '--config.confirmModulesPurge=false']);
  if (code === 0) writeFileSync(stamp, hash);
  return code;
}
