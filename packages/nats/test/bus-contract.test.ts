import { hasTool } from '@roomcast/testing';
import { busContract } from '@roomcast/testing/bus-contract';
import { describe } from 'vitest';
import { natsBroker } from './support/brokers.js';

describe.skipIf(!hasTool('nats-server'))('with nats-server', () => {
  busContract('NATS', natsBroker);
});
