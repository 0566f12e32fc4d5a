import type { EventOf, ReceivedEvent, SubscriptionRequest } from '@roomcast/raffle-client';
import { useMemo } from 'react';
import type { ClientView, Follow } from './client-store.js';
import type { RaffleSource } from './shared-client.js';
import { useClient, useLatest } from './use-client.js';

export interface UseRaffleEventsOptions<Event = ReceivedEvent> {
  /** Called with each event. React may render once for several. */
  onEvent?: (event: Event) => unknown;
  /**
   * How many events are kept for rendering.
   * @default 100
   */
  keep?: number;
}

export interface RaffleEventsView<Event = ReceivedEvent> extends ClientView {
  /** The latest events since the component was mounted or its subscriptions changed, the oldest first. */
  readonly events: readonly Event[];
  readonly lastEvent: Event | undefined;
}

type Own = Pick<RaffleEventsView, 'events' | 'lastEvent'>;

const nothing: Own = { events: [], lastEvent: undefined };

/**
 * Follows events while the component is mounted.
 * @param source a client, which stays the application's to close, or the options of one. Components that name the same
 * `url` and token share a connection, which goes with the last of them.
 * @param subscriptions may be a new list in each rendering
 */
export function useRaffleEvents<const F extends SubscriptionRequest>(
  source: RaffleSource,
  subscriptions: readonly F[],
  { onEvent, keep = 100 }: UseRaffleEventsOptions<EventOf<F>> = {},
): RaffleEventsView<EventOf<F>> {
  const listener = useLatest(onEvent);
  const wanted = JSON.stringify(subscriptions);
  const follow = useMemo<Follow<Own>>(
    () => (client, show) => {
      let events: readonly ReceivedEvent[] = [];
      return client.subscribe(JSON.parse(wanted) as SubscriptionRequest[], (event) => {
        const all = [...events, event];
        events = all.slice(Math.max(0, all.length - keep));
        show({ events, lastEvent: event });
        return listener.current?.(event as EventOf<F>);
      });
    },
    [wanted, keep, listener],
  );
  // Only events of the subscriptions' types are brought.
  return useClient(source, nothing, follow) as RaffleEventsView<EventOf<F>>;
}
