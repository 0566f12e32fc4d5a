import { hasTool, startRedis } from '@roomcast/testing';
import { describe } from 'vitest';
import { scenario } from './support/scenario.js';
import { wires } from './support/wires.js';

describe.skipIf(!hasTool('redis-server'))('faults', () => {
  for (const wire of wires) scenario(wire, { name: 'Redis', variable: 'REDIS_URL', start: startRedis });
});
