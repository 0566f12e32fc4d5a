import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Run {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Looks at what was printed so far, after each line; true: that is enough. */
  until(lines: readonly string[]): boolean | Promise<boolean>;
}

/** Runs an example of a folder until it has printed enough, and returns the lines. */
export async function run(folder: string, { command, args, env, until }: Run): Promise<string[]> {
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL(`../../${folder}/`, import.meta.url)),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (await until(lines)) break;
    }
  } finally {
    child.kill('SIGKILL');
  }
  return lines;
}
