import { silentLogger } from '@roomcast/engine';
import { eventually, type RunningBroker, startRedis } from '@roomcast/testing';
import type { ContractBroker, ContractBrokerOptions } from '@roomcast/testing/bus-contract';
import { createClient } from 'redis';
import { createRedisBus } from '../../src/index.js';

/** A Redis server, and another program that publishes there. */
export async function redisBroker({ cutsSlowReaders }: ContractBrokerOptions): Promise<ContractBroker> {
  const args = cutsSlowReaders ? ['--client-output-buffer-limit', 'pubsub 4mb 4mb 1'] : [];
  return brokerOf(await startRedis({ args }), 'redis');
}

/** The smallest Redis Cluster: one master that has all slots. */
export async function redisClusterBroker(): Promise<ContractBroker> {
  const server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'] });
  const client = await createClient({ url: server.url }).connect();
  await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
  const isServed = async () => /cluster_state:ok/.test(String(await client.sendCommand(['CLUSTER', 'INFO'])));
  await eventually(isServed, 'the cluster');
  client.destroy();
  return brokerOf(server, 'redis+cluster');
}

function brokerOf(server: RunningBroker, scheme: string): ContractBroker {
  const urlOf = (port: number) => `${scheme}://127.0.0.1:${port}`;
  return {
    connect: (options, port = server.port) => createRedisBus({ url: urlOf(port), logger: silentLogger, ...options }),
    async publishForeign(channel, bytes) {
      const client = await createClient({ url: server.url }).connect();
      await client.publish(channel, Buffer.from(bytes));
      await client.close();
    },
    program: server.program,
    close: server.close,
  };
}
