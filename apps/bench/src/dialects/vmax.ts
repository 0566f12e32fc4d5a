import { vmaxGateway } from '@roomcast/vmax-gateway';
import { type Dialect, wideLimits } from './dialect.js';
import { served } from './gateway.js';
import { publishedBeside } from './published.js';

const event = JSON.stringify({
  fleetId: 'r0',
  type: 'REGULATOR_STATUS_CHANGED',
  payload: {
    regulatorId: '0b9a4a52-5f1e-4c1c-9d0a-5a3b7f0c1e11',
    barcode: 'VMAX-0001',
    previousStatus: 'READY',
    newStatus: 'CHECKED_OUT',
  },
});

/** VMAX fleets: administrators who follow a fleet. */
export const dialect: Dialect = {
  speech: {
    memberPath: (member) => `/ws?token=user-${member}`,
    join: (_member, rooms) => [
      { send: null, frames: 1 },
      ...rooms.map((fleetId) => ({
        send: JSON.stringify({ type: 'SUBSCRIBE', payload: { channel: 'fleet', fleetId } }),
        frames: 1,
      })),
    ],
    ping: '{"type":"PING"}',
    ...publishedBeside(() => event),
  },
  serve(engine) {
    const gateway = vmaxGateway(engine, { ...wideLimits, verify: (userId) => ({ userId, role: 'ADMIN' }) });
    return served(gateway);
  },
};
