import type { ClientError, ConnectionState } from '@roomcast/falcon-client';
import { useMemo } from 'react';
import { useFalconClient } from './context.js';
import { type Follow, useFollowed } from './use-followed.js';

export interface WebSocketStatus {
  readonly isConnected: boolean;
  /** `connecting`, `connected`, `reconnecting`, `disconnected` or `error`. */
  readonly connectionState: ConnectionState;
  /** Who the server says one is, since the first connection. */
  readonly userId: string | undefined;
  readonly connectionId: string | undefined;
  /** The rooms that the connection is in. */
  readonly rooms: readonly string[];
  /** What went wrong with the connection last, until it stands again. */
  readonly error: ClientError | undefined;
}

const idle: WebSocketStatus = {
  isConnected: false,
  connectionState: 'disconnected',
  userId: undefined,
  connectionId: undefined,
  rooms: [],
  error: undefined,
};

/** How the connection is. */
export function useWebSocketStatus(): WebSocketStatus {
  const client = useFalconClient();
  const follow = useMemo<Follow<WebSocketStatus> | undefined>(() => {
    if (client === undefined) return undefined;
    return (show) => {
      let error: ClientError | undefined;
      const tell = () => {
        const { connectionState, userId, connectionId, rooms } = client;
        const isConnected = connectionState === 'connected';
        show({ isConnected, connectionState, userId, connectionId, rooms, error });
      };
      const stops = [
        client.on('connection', (change) => {
          error = change.state === 'open' ? undefined : (change.error ?? error);
          tell();
        }),
        client.on('system_notification', tell),
        client.on('rooms', tell),
      ];
      tell();
      return () => {
        for (const stop of stops) stop();
      };
    };
  }, [client]);
  return useFollowed(idle, follow);
}
