import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.js';

/**
 * Whether a suite that starts this program can run. With `CI=true` always, so that a missing one fails instead of being
 * skipped.
 */
export function hasTool(name: string): boolean {
  if (process.env.CI === 'true') return true;
  if ((process.env.ROOMCAST_MISSING ?? '').split(',').includes(name)) return false;
  return programFolders().some((folder) => isExecutable(join(folder, name)));
}

function programFolders(): string[] {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there or not executable.
  }
}

export interface ProgramOptions {
  command: string;
  args: readonly string[];
  port: number;
  /** Whether what listens on the port answers as the program does once it is ready. */
  greets(answer: string): boolean;
  /** What is sent to be answered. @default nothing */
  hello?: string;
}

/** Those that a test that was broken off leaves behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server of another project that a test runs, stops and starts again on the same port. */
export class Program {
  #child: ChildProcess | null = null;
  #output = '';

  constructor(readonly options: ProgramOptions) {}

  get port(): number {
    return this.options.port;
  }

  /** What it has written. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when it answers on its port. */
  async start(): Promise<void> {
    const { command, args, port, hello = '', greets } = this.options;
    const env = { ...process.env, PATH: programFolders().join(delimiter) };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk).slice(-100_000);
      });
    }
    await eventually(async () => {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${this.#output}`);
      return greets(await firstAnswer(port, hello));
    }, `${command} on port ${port}`);
  }

  /** Ends it as an administrator does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops it in the middle of what it does, its connections open. Resolves when it does nothing any more. */
  async pause(): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    // The signal has to reach every thread, which only Linux can be asked about.
    if (process.platform === 'linux') await eventually(() => isStopped(child?.pid ?? 0), 'the halt');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    child.kill('SIGCONT');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  }
}

function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    return /\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'));
  });
}

/** What a port answers first, or nothing where nobody does so soon. */
function firstAnswer(port: number, hello: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(hello));
    const done = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(''));
    socket.once('data', (data) => done(String(data)));
    socket.once('error', () => done(''));
    socket.once('close', () => done(''));
  });
}
