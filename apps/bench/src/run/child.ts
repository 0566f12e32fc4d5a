import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BenchError } from '../errors.js';

/** A program that runs on a core of its own. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** -1: wherever the system puts it. */
  readonly core: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Has a channel to this process, and ends with it. @default true */
  readonly channel?: boolean;
}

/** Everything that was started and has not ended, so that nothing outlives the benchmark. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startProgram({ command, args, core, env = {}, channel = true }: Program): ChildProcess {
  const [file, ...all] = core < 0 ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
  const child = spawn(file ?? command, all, {
    stdio: ['ignore', 'pipe', 'inherit', ...(channel ? (['ipc'] as const) : [])],
    env: { ...process.env, ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** A Node program of ours, in the way this process was started itself. */
export function nodeProgram(file: string, args: readonly string[], core: number): Program {
  return { command: process.execPath, args: ['--expose-gc', ...process.execArgv, file, ...args], core };
}

/** The first line it prints. Rejects where it ends without one, or takes too long. */
export async function firstLine(child: ChildProcess, what: string, timeoutMs: number): Promise<string> {
  if (child.stdout === null) throw new BenchError(`${what} has no output`);
  const lines = createInterface(child.stdout);
  const { promise, resolve, reject } = withResolvers<string>();
  lines.once('line', resolve);
  lines.once('close', () => reject(new BenchError(`${what} ended without a word`)));
  child.once('error', (error) => reject(new BenchError(`${what} can't be started: ${error.message}`, true)));
  const timer = setTimeout(() => reject(new BenchError(`${what} did not answer in ${timeoutMs / 1000} s`)), timeoutMs);
  return promise.finally(() => clearTimeout(timer));
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Ends it at once: nothing a benchmark leaves behind is worth a clean stop. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
