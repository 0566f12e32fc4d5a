import { createSpywatcherClient, type Transport } from '@roomcast/spywatcher-client';
import { eventually } from '@roomcast/testing';
import { jwtSecret, type Listener, type Mark, token, type Wire } from '../wire.js';

const guildId = '80351110224678912';

/** The client says nothing when the server has confirmed a guild: so probes are published until one arrives. */
const probe = 'probe';

export const spywatcher: Wire = {
  name: 'spywatcher',
  env: { JWT_SECRET: jwtSecret },
  event: (mark) => news(`${mark.publisher} ${mark.n}`),
  listen: (instance, heard) =>
    listenToGuild({
      url: instance.url,
      publish: (event) => instance.publish(event),
      transports: ['websocket'],
      heard,
    }),
};

interface Listening {
  url: string;
  /** Publishes an event where it is heard at this URL. */
  publish(event: unknown): Promise<unknown>;
  transports: Transport[];
  heard(mark: Mark): void;
}

export async function listenToGuild({ url, publish, transports, heard }: Listening): Promise<Listener> {
  const client = createSpywatcherClient({
    url,
    token: await token({ discordId: '1', access: true, role: 'USER', guilds: [guildId] }),
    transports,
  });
  let isHeard = false;
  client.subscribeToGuild(guildId, ({ data }) => {
    const [publisher = '?', n] = data.username.split(' ');
    if (publisher === probe) isHeard = true;
    else heard({ publisher, n: Number(n) });
  });
  await eventually(async () => {
    if (!isHeard) await publish(news(probe));
    return isHeard;
  }, 'the guild to be heard');
  return client;
}

function news(username: string): object {
  return {
    guildId,
    event: 'message:new',
    data: { userId: '2', username, channelId: '3', channelName: 'general', timestamp: '2026-01-16T12:10:00Z' },
  };
}
