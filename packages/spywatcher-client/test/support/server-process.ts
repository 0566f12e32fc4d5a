import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../../../../apps/spywatcher-server/src/main.ts', import.meta.url));

export interface ServerProcess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** A token of a demo identity. */
  token(identity: string): Promise<string>;
}

/** Runs the SpyWatcher server from its sources, with its demonstration guilds, until the test is over. */
export async function startServerProcess(env: Record<string, string> = {}): Promise<ServerProcess> {
  const stateDir = await mkdtemp(join(tmpdir(), 'roomcast-spywatcher-client-'));
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', program], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', DEMO: '1', STATE_DIR: stateDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(stateDir, { recursive: true });
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const line = await eventually(
    () => output.split('\n').find((text) => text.includes('"msg":"listening"')),
    'the server',
    45_000,
  );
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    async token(identity) {
      const answer = await fetch(`${url}/demo/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ identity }),
      });
      return ((await answer.json()) as { token: string }).token;
    },
  };
}
