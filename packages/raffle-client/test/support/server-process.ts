import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../../../../apps/raffle-server/src/main.ts', import.meta.url));

export interface ServerProcess {
  /** `ws://127.0.0.1:PORT/ws` */
  readonly url: string;
  /** A token of a demo identity. */
  token(identity: string): Promise<string>;
  stats(): Promise<{ total_connections: number; authenticated_connections: number }>;
}

/** Runs the raffle server from its sources, with its demonstration feed, until the test is over. */
export async function startServerProcess(): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', program], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', DEMO: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const line = await eventually(
    () => output.split('\n').find((text) => text.includes('"msg":"listening"')),
    'the server',
    30_000,
  );
  const { url } = JSON.parse(line) as { url: string };
  return {
    url: `${url.replace('http', 'ws')}/ws`,
    async token(identity) {
      const answer = await fetch(`${url}/demo/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ identity }),
      });
      return ((await answer.json()) as { token: string }).token;
    },
    stats: async () => (await fetch(`${url}/ws/stats`)).json() as ReturnType<ServerProcess['stats']>,
  };
}
