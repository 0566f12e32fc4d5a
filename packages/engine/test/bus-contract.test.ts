import { busContract } from '@roomcast/testing/bus-contract';
import { MemoryBroker, silentLogger } from '../src/index.js';

busContract(
  'the memory bus',
  async () => {
    const broker = new MemoryBroker({ logger: silentLogger });
    return {
      connect: async () => broker.connect(),
      publishForeign: async (channel, bytes) => broker.publishForeign(channel, Buffer.from(bytes).toString()),
      close: async () => {},
    };
  },
  { hasFaults: false },
);
