import { hasTool } from '@roomcast/testing';
import { busContract } from '@roomcast/testing/bus-contract';
import { describe } from 'vitest';
import { redisBroker, redisClusterBroker } from './support/brokers.js';

describe.skipIf(!hasTool('redis-server'))('with redis-server', () => {
  busContract('Redis', redisBroker);
  // Its faults are its own: cluster.test.ts.
  busContract('a Redis Cluster', redisClusterBroker, { hasFaults: false });
});
