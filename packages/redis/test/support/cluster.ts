import { eventually, type RunningBroker, startRedis } from '@roomcast/testing';
import { createClient } from 'redis';
import { onTestFinished } from 'vitest';

export interface TestCluster {
  masters: RunningBroker[];
  url: string;
  /** Runs commands on a master. */
  on(master: number, ...commands: string[][]): Promise<unknown[]>;
  id(master: number): Promise<string>;
}

const slots = 16_384;

/** Three masters, each with a third of the slots. */
export async function startCluster(): Promise<TestCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-config-file', 'nodes.conf'];
  // The port between the servers is by default 10000 higher.
  const masters = await Promise.all([1, 2, 3].map(() => startRedis({ args })));
  onTestFinished(async () => void (await Promise.all(masters.map((master) => master.close()))));
  const on = async (master: number, ...commands: string[][]) => {
    const client = createClient({ url: masters[master]?.url as string });
    client.on('error', () => {});
    await client.connect();
    try {
      const answers: unknown[] = [];
      for (const command of commands) answers.push(await client.sendCommand(command));
      return answers;
    } finally {
      client.destroy();
    }
  };
  const size = Math.ceil(slots / masters.length);
  for (const [index] of masters.entries()) {
    const range = [String(index * size), String(Math.min(slots, (index + 1) * size) - 1)];
    await on(index, ['CLUSTER', 'ADDSLOTSRANGE', ...range], ['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  }
  for (const { port } of masters.slice(1)) await on(0, ['CLUSTER', 'MEET', '127.0.0.1', String(port)]);
  for (const [index] of masters.entries()) {
    await eventually(
      async () => {
        const [info] = await on(index, ['CLUSTER', 'INFO']);
        return /cluster_state:ok/.test(String(info)) && /cluster_known_nodes:3/.test(String(info));
      },
      'the cluster',
      30_000,
    );
  }
  return {
    masters,
    url: `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    on,
    id: async (master) => String((await on(master, ['CLUSTER', 'MYID']))[0]),
  };
}
