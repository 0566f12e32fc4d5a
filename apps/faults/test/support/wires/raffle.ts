import { createRaffleClient } from '@roomcast/raffle-client';
import { eventually } from '@roomcast/testing';
import { jwtSecret, type Wire } from '../wire.js';

export const raffle: Wire = {
  name: 'raffle',
  env: { JWT_SECRET: jwtSecret },
  event: ({ publisher, n }) => ({
    message_type: 'system_alert',
    data: { level: 'info', message: `${publisher} ${n}`, created_at: '2026-01-01T12:00:00Z' },
  }),
  async listen({ url }, heard) {
    const client = createRaffleClient({ url: `${url.replace('http', 'ws')}/ws` });
    client.subscribe({ event_type: 'system_alert' }, ({ data }) => {
      const [publisher = '?', n] = String(data.message).split(' ');
      heard({ publisher, n: Number(n) });
    });
    await client.ready;
    await eventually(() => client.subscriptions.length === 1, 'the subscription');
    return client;
  },
};
