import type { SpywatcherClient } from '@roomcast/spywatcher-client';
import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import type { Desk } from '../../services/desk.js';
import { tell } from './feed-entry.js';
import { Guilds } from './guilds.js';
import { loadTapped } from './tapped-client.js';
import { templatesFor } from './templates.js';
import { SpywatcherView } from './view.js';

/** Everything the view shows. */
export interface SpywatcherModel {
  readonly guilds: Guilds;
  readonly feed: EventFeed;
  /** Guilds to follow, each with the ways to stop, by id. */
  readonly followed: Map<string, readonly (() => void)[]>;
  shown: string;
  client: SpywatcherClient | undefined;
}

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
      client.on('analytics:update', (update) => model.guilds.update(update));
      for (const guildId of model.followed.keys()) follow(model, guildId);
      hooks.phase('connecting');
      return { close: () => client.close() };
    },
  };
}

/** Follows a guild's analytics and events, from now on and after every reconnection. */
export function follow(model: SpywatcherModel, guildId: string): void {
  const { client } = model;
  if (!client) return;
  const stops = [
    client.subscribeToAnalytics(guildId),
    client.subscribeToGuild(guildId, (event) => {
      tell(model.feed, event);
      model.guilds.count(event.data.guildId ?? guildId, event.event);
    }),
  ];
  model.followed.set(guildId, stops);
  model.guilds.pulse.changed();
}

export function unfollow(model: SpywatcherModel, guildId: string): void {
  for (const stop of model.followed.get(guildId) ?? []) stop();
  model.followed.delete(guildId);
  model.guilds.pulse.changed();
}
