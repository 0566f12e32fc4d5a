import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../../../../apps/falcon-server/src/main.ts', import.meta.url));
const publishToken = 'a-token-to-publish-with';

export interface ServerProcess {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  /** The users of the demonstration. */
  readonly users: readonly string[];
  token(userId: string): Promise<string>;
  publish(event: object): Promise<void>;
}

/** Runs the falcon server from its sources, as a demonstration, until the test is over. */
export async function startServerProcess(): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', program], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', DEMO: '1', PUBLISH_TOKEN: publishToken },
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
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json() as Promise<unknown>;
  };
  const { identities } = (await (await fetch(`${url}/demo/session`)).json()) as { identities: { id: string }[] };
  return {
    url: url.replace('http', 'ws'),
    users: identities.map(({ id }) => id),
    token: async (identity) => ((await post('/demo/session', { identity })) as { token: string }).token,
    publish: async (event) => {
      await post('/api/publish', event, { Authorization: `Bearer ${publishToken}` });
    },
  };
}
