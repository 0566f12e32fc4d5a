import { type ReactNode, useContext } from 'react';
import { ProvidedClient } from '../context.js';
import { WebSocketProvider } from '../provider.js';
import { useWebSocketStatus } from '../use-status.js';
import { Chat } from './chat.js';
import { Notifications } from './notifications.js';
import { People } from './presence.js';

export interface WebSocketDemoProps {
  /** @default 'general' */
  roomId?: string;
}

/**
 * Shows what the hooks do: the state of the connection, a chat, presence, notifications. Uses the provider above it, or
 * one of its own.
 */
export function WebSocketDemo(props: WebSocketDemoProps): ReactNode {
  const isProvided = useContext(ProvidedClient) !== undefined;
  if (isProvided) return <Demo {...props} />;
  return (
    <WebSocketProvider>
      <Demo {...props} />
    </WebSocketProvider>
  );
}

function Demo({ roomId = 'general' }: WebSocketDemoProps): ReactNode {
  const { connectionState, userId, rooms, error } = useWebSocketStatus();
  return (
    <main>
      <section aria-label="Status">
        <h2>WebSocket</h2>
        <p>
          <output aria-label="Connection">{connectionState}</output>
          {userId === undefined ? null : ` as ${userId}`}
          {rooms.length === 0 ? null : `, in ${rooms.join(', ')}`}
        </p>
        {error === undefined ? null : <p role="alert">{error.message}</p>}
      </section>
      <Chat roomId={roomId} sender={userId ?? ''} />
      <People userId={userId} roomId={roomId} />
      <Notifications userId={userId} />
    </main>
  );
}
