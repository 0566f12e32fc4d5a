import { hasTool } from '@roomcast/testing';
import { describe } from 'vitest';
import { instancesContract } from '../../engine/test/support/instances-contract.js';
import { redisBroker } from './support/brokers.js';

describe.skipIf(!hasTool('redis-server'))('with redis-server', () => {
  instancesContract('Redis', redisBroker);
});
