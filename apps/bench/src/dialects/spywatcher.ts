import { spywatcherGateway } from '@roomcast/spywatcher-gateway';
import { type Dialect, wideLimits } from './dialect.js';
import { served } from './gateway.js';
import { publishedBeside } from './published.js';

const event = JSON.stringify({
  guildId: 'r0',
  event: 'message:new',
  data: {
    guildId: 'r0',
    userId: '80351110224678912',
    username: 'someone with a name',
    channelId: '290926798999357250',
    channelName: 'general',
    timestamp: '2024-01-15T10:35:00.000Z',
  },
});

/** SpyWatcher guilds: Socket.IO served by the engine, over the WebSocket transport. */
export const dialect: Dialect = {
  speech: {
    memberPath: () => '/socket.io/?EIO=4&transport=websocket',
    join: (member, rooms) => [
      { send: null, frames: 1 },
      { send: `40{"token":"user-${member}"}`, frames: 1 },
      ...rooms.map((room, n) => ({ send: `42${n}["subscribe:guild","${room}"]`, frames: 1 })),
    ],
    // Answered by an acknowledgement.
    ping: '420["unsubscribe:guild","nowhere"]',
    heartbeat: { bytes: 1, answer: '3' },
    ...publishedBeside(() => event),
  },
  serve(engine) {
    const gateway = spywatcherGateway(engine, {
      ...wideLimits,
      maxConnectsPerIpPerMinute: wideLimits.maxConnectionsPerIdentity,
      // Tokens are not what is measured here: a token is the user's id.
      verify: (discordId) => ({ discordId, access: true, role: 'ADMIN' }),
    });
    return served(gateway);
  },
};
