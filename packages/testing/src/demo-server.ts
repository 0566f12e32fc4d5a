import { runNode } from './node-program.js';

const publishToken = 'a-token-to-publish-with';

/** One of the servers of `apps/`, as a demonstration. */
export interface DemoServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Those in whose names one can sign in. */
  readonly identities: readonly string[];
  /** A token of one of them. */
  token(identity: string): Promise<string>;
  publish(event: object): Promise<void>;
}

/** Runs it from its sources until the test is over. */
export async function startDemoServer(name: string, env: Readonly<Record<string, string>> = {}): Promise<DemoServer> {
  const main = new URL(`../../../apps/${name}-server/src/main.ts`, import.meta.url);
  const program = await runNode(main, { PORT: '0', DEMO: '1', PUBLISH_TOKEN: publishToken, ...env });
  const url = await program.listening();
  const ask = async <Answer>(path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const { identities } = await ask<{ identities: { id: string }[] }>('/demo/session');
  return {
    url,
    identities: identities.map(({ id }) => id),
    token: async (identity) => (await ask<{ token: string }>('/demo/session', { identity })).token,
    publish: async (event) => {
      await ask('/api/publish', event, { Authorization: `Bearer ${publishToken}` });
    },
  };
}
