import { falconGateway } from '@roomcast/falcon-gateway';
import { type Dialect, wideLimits } from './dialect.js';
import { served } from './gateway.js';
import { publishedBeside } from './published.js';

const event = JSON.stringify({
  type: 'custom_event',
  room: 'r0',
  data: {
    kind: 'box_purchased',
    raffle_id: '0b9a4a52-5f1e-4c1c-9d0a-5a3b7f0c1e11',
    user_id: '7d1c2f7e-93ab-4d5e-8a55-0c4fe2b1a002',
    box_number: 25,
    completion_percentage: 25.5,
  },
});

const farAhead = 4_000_000_000;

/** go-falcon: users who entered a room. */
export const dialect: Dialect = {
  speech: {
    memberPath: () => '/websocket/connect',
    memberHeaders: (member) => ({ Authorization: `Bearer user-${member}` }),
    join: (_member, rooms) => [
      { send: null, frames: 1 },
      ...rooms.map((room) => ({ send: JSON.stringify({ type: 'system', data: { action: 'join', room } }), frames: 1 })),
    ],
    ping: '{"type":"system","data":{"action":"ping"}}',
    ...publishedBeside(() => event),
  },
  serve(engine) {
    // Tokens are not what is measured here: a token is the user's id.
    return served(
      falconGateway(engine, { ...wideLimits, verify: (user_id) => ({ user_id, exp: farAhead, iss: 'go-falcon' }) }),
    );
  },
};
