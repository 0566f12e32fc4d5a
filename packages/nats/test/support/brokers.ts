import { connect } from '@nats-io/transport-node';
import { silentLogger } from '@roomcast/engine';
import { startNats } from '@roomcast/testing';
import type { ContractBroker, ContractBrokerOptions } from '@roomcast/testing/bus-contract';
import { createNatsBus } from '../../src/index.js';

/** A NATS server, and another program that publishes there. */
export async function natsBroker({ cutsSlowReaders }: ContractBrokerOptions): Promise<ContractBroker> {
  const server = await startNats({ config: cutsSlowReaders ? 'max_pending: 4MB\nwrite_deadline: "2s"' : '' });
  const urlOf = (port: number) => `nats://127.0.0.1:${port}`;
  return {
    connect: (options, port = server.port) => createNatsBus({ url: urlOf(port), logger: silentLogger, ...options }),
    async publishForeign(channel, bytes) {
      const client = await connect({ servers: [`127.0.0.1:${server.port}`] });
      client.publish(channel, bytes);
      await client.flush();
      await client.close();
    },
    program: server.program,
    close: server.close,
  };
}
