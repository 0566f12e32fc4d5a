import { hasTool } from '@roomcast/testing';
import { describe } from 'vitest';
import { instancesContract } from '../../engine/test/support/instances-contract.js';
import { natsBroker } from './support/brokers.js';

describe.skipIf(!hasTool('nats-server'))('with nats-server', () => {
  instancesContract('NATS', natsBroker);
});
