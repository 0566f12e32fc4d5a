import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm passes on a Ctrl-C that the terminal has already sent to us: what comes within this time counts once. */
const repeatedSignalMs = 500;
const parentCheckMs = 1000;

/**
 * Runs a program in the repository's folder with our output, passes signals on and resolves to its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {{env?: Record<string, string>, ownGroup?: boolean}} [options] With `ownGroup` no signal reaches it but those we
 *   pass on; without, a terminal's Ctrl-C goes to it directly. Programs of their own group import stop-with-parent.mjs.
 * @returns {Promise<number>}
 */
export function run(command, args, { env = {}, ownGroup = false } = {}) {
  return new Promise((resolve, reject) => {
    const windows = process.platform === 'win32';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ownGroup ? ['ignore', 'inherit', 'inherit', 'ipc'] : 'inherit',
      env: { ...process.env, ...env },
      detached: ownGroup && !windows,
      // pnpm and npx are .cmd files there, which only a shell starts.
      shell: windows && command !== process.execPath,
    });
    let lastMs = Number.NEGATIVE_INFINITY;
    const forward = (signal) => {
      const nowMs = performance.now();
      const repeated = nowMs - lastMs < repeatedSignalMs;
      lastMs = nowMs;
      const hasIt = !ownGroup && signal === 'SIGINT' && process.stdin.isTTY;
      if (!repeated && !hasIt) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    // A signal to npm ends the shell between npm and us without a word; losing our parent is how we hear of it.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      forward('SIGTERM');
    }, parentCheckMs);
    const settle = (finish) => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => resolve(code ?? 128 + constants.signals[signal])));
  });
}
