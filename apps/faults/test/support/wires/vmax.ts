import { createVmaxClient } from '@roomcast/vmax-client';
import { jwtSecret, token, type Wire } from '../wire.js';

const fleetId = 'fleet-1';

export const vmax: Wire = {
  name: 'vmax',
  env: { JWT_SECRET: jwtSecret },
  event: ({ publisher, n }) => ({
    fleetId,
    type: 'TELEMETRY_RECEIVED',
    payload: { regulatorId: `${publisher}-${n}`, timestamp: '2026-01-16T12:10:00Z', soc: 85, soh: 95 },
  }),
  async listen({ url }, heard) {
    const client = createVmaxClient({
      url: `${url.replace('http', 'ws')}/ws`,
      token: await token({ userId: 'user-1', email: 'manager@example.com', role: 'FLEET_MGR', fleetId }),
    });
    client.on('TELEMETRY_RECEIVED', ({ regulatorId }) => {
      const [publisher = '?', n] = regulatorId.split('-');
      heard({ publisher, n: Number(n) });
    });
    await client.ready;
    return { close: () => client.disconnect() };
  },
};
