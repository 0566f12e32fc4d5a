import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import type { Desk } from '../../services/desk.js';
import { Guilds } from './guilds.js';
import { follow, type SpywatcherModel } from './model.js';
import { loadTapped } from './tapped-client.js';
import { templatesFor } from './templates.js';
import { SpywatcherView } from './view.js';

/** A guild of the demonstration. */
const firstGuild = '200000000000000001';

export async function createDesk(): Promise<Desk> {
  const { createSpywatcherClient, tapWith } = await loadTapped();
  const model: SpywatcherModel = {
    guilds: new Guilds(),
    feed: new EventFeed(),
    followed: new Map([[firstGuild, []]]),
    shown: firstGuild,
    client: undefined,
  };
  return {
    templates: templatesFor(() => model.shown),
    View: ({ line }) => <SpywatcherView line={line} model={model} />,
    reset: () => {
      model.guilds.clear();
      model.feed.clear();
    },
    open: ({ url, token, WebSocket }, hooks) => {
      tapWith(WebSocket);
      const { baseMs: reconnectionDelay, capMs: reconnectionDelayMax, connectTimeoutMs } = patience;
      const client = createSpywatcherClient({
        url,
        token,
        reconnectionDelay,
        reconnectionDelayMax,
        connectTimeoutMs,
      });
      model.client = client;
      client.on('connection', tellPhase(hooks));
      client.on('error', (error) => hooks.error(error));
      client.on('missed', () => {
        model.feed.add(new Date().toISOString(), 'missed', 'bad', 'Events were lost between servers');
      });
      client.on('analytics:update', (update) => model.guilds.update(update));
      for (const guildId of model.followed.keys()) follow(model, guildId);
      hooks.phase('connecting');
      return { close: () => client.close() };
    },
  };
}
