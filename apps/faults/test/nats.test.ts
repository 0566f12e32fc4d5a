import { hasTool, startNats } from '@roomcast/testing';
import { describe } from 'vitest';
import { scenario } from './support/scenario.js';
import { wires } from './support/wires.js';

describe.skipIf(!hasTool('nats-server'))('faults', () => {
  for (const wire of wires) scenario(wire, { name: 'NATS', variable: 'NATS_URL', start: startNats });
});
