import { createFalconClient } from '@roomcast/falcon-client';
import { jwtSecret, token, type Wire } from '../wire.js';

const room = 'thread:faults';

export const falcon: Wire = {
  name: 'falcon',
  env: { JWT_SECRET: jwtSecret },
  event: ({ publisher, n }) => ({ type: 'custom_event', room, data: { publisher, n } }),
  async listen({ url }, heard) {
    const client = createFalconClient({
      url: url.replace('http', 'ws'),
      token: await token({ iss: 'go-falcon', user_id: 'user-1', character_id: 1, character_name: 'One', scopes: '' }),
    });
    client.onRoom(room, ({ type, data }) => {
      const { publisher, n } = Object(data) as { publisher: string; n: number };
      if (type === 'custom_event') heard({ publisher, n });
    });
    await client.join(room).joined;
    return { close: () => client.disconnect() };
  },
};
