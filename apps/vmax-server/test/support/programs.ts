import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ListenError } from '@roomcast/server';
import { start, type TestServer, temporaryFolder } from './server.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** The document of the API, where it lies beside the repository. */
const document = join(root, '../shared/contract/seeds/vmax.md');

export const hasDocument = existsSync(document);

/** The address that the document's programs have in them. */
const port = 8080;
const patienceMs = 60_000;

/** A program of the document, as it stands there, in a file of its own. */
export function programOf(language: 'typescript' | 'python', extension: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(readFileSync(document, 'utf8')) ?? [];
  if (text === undefined) throw new Error(`the document has no program in ${language}`);
  const path = join(temporaryFolder(), `client.${extension}`);
  writeFileSync(path, text);
  return path;
}

/**
 * A server on the one port that the programs know. Other suites may use it for the same reason, so that it is waited for
 * a while.
 */
export async function startOnDocumentedPort(): Promise<TestServer> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await start({ PORT: String(port) });
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (performance.now() > deadline) {
        const message = `the document's programs connect to port ${port}, where something else listens: stop it`;
        throw new Error(message, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Runs a program until it has printed a line for each pattern; rejects with what it did print where it ends before. */
export async function runUntil(
  [command, ...args]: readonly [string, ...string[]],
  patterns: readonly RegExp[],
  onLine: (line: string) => void,
): Promise<void> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines: string[] = [];
  const isComplete = () => patterns.every((pattern) => lines.some((line) => pattern.test(line)));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      onLine(line);
      if (isComplete()) return;
    }
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
  throw new Error(`the program printed only\n${lines.join('\n')}\nand on standard error\n${errors}`);
}
