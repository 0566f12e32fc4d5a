import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';

/** Options with which Node runs a program on the packages' sources, wherever it is. */
export const onSources: readonly string[] = [
  '--conditions=@roomcast/source',
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
];

/** A program of ours that runs from its sources, as a process of its own. */
export interface NodeProgram {
  /** What it has written until now. */
  readonly output: { readonly out: string; readonly err: string };
  /** Resolves when it has ended. */
  readonly exited: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** The URL in the line that says it listens. */
  listening(): Promise<string>;
  /** Gives it all of its standard input. */
  input(text: string): void;
  kill(signal: NodeJS.Signals): void;
}

/** Runs it until the test is over, with these variables and none of ours, and a folder of its own for its state. */
export async function runNode(
  main: URL,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<NodeProgram> {
  const stateDir = await mkdtemp(join(tmpdir(), 'roomcast-state-'));
  const child = spawn(process.execPath, [...onSources, fileURLToPath(main), ...args], {
    env: { PATH: process.env.PATH ?? '', STATE_DIR: stateDir, ...env },
    stdio: 'pipe',
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.err += text;
  });
  const exited = once(child, 'close') as NodeProgram['exited'];
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(stateDir, { recursive: true });
  });
  return {
    output,
    exited,
    input: (text) => void child.stdin.end(text),
    kill: (signal) => void child.kill(signal),
    async listening() {
      const line = await eventually(() => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output.err}`);
        return output.out.split('\n').find((text) => text.includes('"msg":"listening"'));
      }, 'the line that says it listens');
      return (JSON.parse(line) as { url: string }).url;
    },
  };
}
