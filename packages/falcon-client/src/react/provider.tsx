import type { FalconClient, FalconClientOptions } from '@roomcast/falcon-client';
import { type ReactNode, useMemo } from 'react';
import { ProvidedClient } from './context.js';
import { configuredUrl } from './default-url.js';
import { keyOf, lease } from './shared-client.js';
import { type Follow, useFollowed, useLatest } from './use-followed.js';

export interface WebSocketProviderProps extends FalconClientOptions {
  /**
   * @default import.meta.env.VITE_WS_URL, else 'wss://go.eveonline.it/websocket/connect'
   */
  url?: string;
  /**
   * Whether somebody is logged in. Without, there is no connection and nothing is kept.
   * @default true
   */
  enabled?: boolean;
  /** A client of the application's own, which stays its to disconnect; the options then count for nothing. */
  client?: FalconClient;
  children?: ReactNode;
}

/**
 * Gives all components below it one connection, which ends when the last provider of the same `url` and token is
 * unmounted. Options other than these count when it begins; a function as token is called as it was rendered last.
 */
export function WebSocketProvider({ enabled = true, client, children, ...given }: WebSocketProviderProps): ReactNode {
  const options = { ...given, url: given.url ?? configuredUrl() };
  const latest = useLatest(options);
  const key = keyOf(options);
  const follow = useMemo<Follow<FalconClient | undefined> | undefined>(() => {
    if (!enabled || client !== undefined) return undefined;
    return (show) => {
      const leased = lease(key, () => latest.current);
      show(leased.client);
      return leased.release;
    };
  }, [enabled, client, key, latest]);
  const leased = useFollowed<FalconClient | undefined>(undefined, follow);
  const current = enabled ? (client ?? leased) : undefined;
  const provided = useMemo(() => ({ client: current }), [current]);
  return <ProvidedClient.Provider value={provided}>{children}</ProvidedClient.Provider>;
}
