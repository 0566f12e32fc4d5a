import type { GuildEvent } from '@roomcast/spywatcher-client';
import { useCallback } from 'react';
import type { ClientView, Following } from './client-store.js';
import { type SpywatcherSource, useLatest, useRoom } from './use-client.js';

export interface UseGuildEventsOptions {
  /** Called with each event. React may render once for several. */
  onEvent?: (event: GuildEvent) => unknown;
  /**
   * How many events are kept for rendering.
   * @default 100
   */
  keep?: number;
}

export interface GuildEventsView extends ClientView {
  /** The latest events since the component was mounted or its guild changed, the oldest first. */
  readonly events: readonly GuildEvent[];
  readonly lastEvent: GuildEvent | undefined;
}

type Own = Pick<GuildEventsView, 'events' | 'lastEvent'>;

const nothing: Own = { events: [], lastEvent: undefined };

/**
 * Follows the events of a guild while the component is mounted.
 * @param source as for `useAnalytics`
 * @param guildId without one, nothing is connected
 */
export function useGuildEvents(
  source: SpywatcherSource,
  guildId: string | null | undefined,
  { onEvent, keep = 100 }: UseGuildEventsOptions = {},
): GuildEventsView {
  const listener = useLatest(onEvent);
  const follow = useCallback(
    (guild: string, ...[client, show]: Parameters<Following<Own>['follow']>) => {
      let events: readonly GuildEvent[] = [];
      return client.subscribeToGuild(guild, (event) => {
        const all = [...events, event];
        events = all.slice(Math.max(0, all.length - keep));
        show({ events, lastEvent: event });
        return listener.current?.(event);
      });
    },
    [keep, listener],
  );
  return useRoom(source, 'guild', guildId, nothing, follow);
}
