import {
  clientKey,
  type Lease,
  leaseSpywatcherClient,
  type RoomKind,
  SpywatcherClient,
  type SpywatcherClientOptions,
} from '@roomcast/spywatcher-client';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ClientStore, type ClientView, type Following } from './client-store.js';

/** A client that the application made, or the options of the one that all who name the same server share. */
export type SpywatcherSource = SpywatcherClient | SpywatcherClientOptions;

/** What was rendered last, for what is called later. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/**
 * Follows a guild while the component is mounted, and there is one. What is given besides source and guild has to stay
 * the same object.
 */
export function useRoom<Own extends object>(
  source: SpywatcherSource,
  kind: RoomKind,
  guildId: string | null | undefined,
  initial: Own,
  follow: (guildId: string, ...args: Parameters<Following<Own>['follow']>) => () => void,
): ClientView & Own {
  const latest = useLatest(source);
  const key = source instanceof SpywatcherClient ? source : keyOf(source);
  const store = useMemo(() => {
    if (guildId === undefined || guildId === null) return new ClientStore<Own>(initial, undefined);
    return new ClientStore<Own>(initial, {
      room: { kind, guildId },
      lease: () => lease(key, () => latest.current),
      follow: (client, show) => follow(guildId, client, show),
    });
  }, [key, kind, guildId, initial, follow, latest]);
  return useSyncExternalStore(store.subscribe, store.view, store.view);
}

function lease(key: SpywatcherClient | string, current: () => SpywatcherSource): Lease {
  if (typeof key !== 'string') return { client: key, release: () => {} };
  return leaseSpywatcherClient(() => current() as SpywatcherClientOptions);
}

/** A relative URL is none on a server, where nothing connects anyway; what is wrong with one shows when it is used. */
function keyOf(options: SpywatcherClientOptions): string {
  try {
    return clientKey(options);
  } catch {
    return options.url;
  }
}
