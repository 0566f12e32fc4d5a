import { silentLogger } from '@roomcast/engine';
import { startRedis } from '@roomcast/testing';
import type { ContractBroker, ContractBrokerOptions } from '@roomcast/testing/bus-contract';
import { createClient } from 'redis';
import { createRedisBus } from '../../src/index.js';

/** A Redis server, and another program that publishes there. */
export async function redisBroker({ cutsSlowReaders }: ContractBrokerOptions): Promise<ContractBroker> {
  const args = cutsSlowReaders ? ['--client-output-buffer-limit', 'pubsub 4mb 4mb 1'] : [];
  const server = await startRedis({ args });
  const urlOf = (port: number) => `redis://127.0.0.1:${port}`;
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
