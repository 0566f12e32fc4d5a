import type { SpywatcherClient } from '@roomcast/spywatcher-client';
import type { EventFeed } from '../../live/event-feed.js';
import { tell } from './feed-entry.js';
import type { Guilds } from './guilds.js';

/** Everything the view shows. */
export interface SpywatcherModel {
  readonly guilds: Guilds;
  readonly feed: EventFeed;
  /** Guilds to follow, each with the ways to stop, by id. */
  readonly followed: Map<string, readonly (() => void)[]>;
  shown: string;
  client: SpywatcherClient | undefined;
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
