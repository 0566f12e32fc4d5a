import { hasTool } from '@roomcast/testing';
import { busContract } from '@roomcast/testing/bus-contract';
import { describe } from 'vitest';
import { redisBroker } from './support/brokers.js';

describe.skipIf(!hasTool('redis-server'))('with redis-server', () => {
  busContract('Redis', redisBroker);
});
