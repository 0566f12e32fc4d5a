import type { AnalyticsUpdate } from '@roomcast/spywatcher-client';
import type { ClientView, Following } from './client-store.js';
import { type SpywatcherSource, useRoom } from './use-client.js';

export interface AnalyticsView extends ClientView {
  /** The last update as it came: `analytics.data.ghosts`, … Undefined until the first one of this guild. */
  readonly analytics: AnalyticsUpdate | undefined;
}

type Own = Pick<AnalyticsView, 'analytics'>;

const nothing: Own = { analytics: undefined };

function follow(guildId: string, ...[client, show]: Parameters<Following<Own>['follow']>): () => void {
  return client.subscribeToAnalytics(guildId, (analytics) => show({ analytics }));
}

/**
 * Follows the analytics of a guild while the component is mounted.
 * @param source a client, which stays the application's to close, or the options of the one that all who name the same
 * `url` and token share, which goes with the last of them
 * @param guildId without one, nothing is connected
 */
export function useAnalytics(source: SpywatcherSource, guildId: string | null | undefined): AnalyticsView {
  return useRoom(source, 'analytics', guildId, nothing, follow);
}
