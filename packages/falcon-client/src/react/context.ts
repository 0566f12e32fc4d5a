import { ClientError, type FalconClient } from '@roomcast/falcon-client';
import { createContext, useContext } from 'react';

/** Undefined: no provider. Without a client: nobody is logged in, or nothing is mounted yet. */
export const ProvidedClient = createContext<{ readonly client: FalconClient | undefined } | undefined>(undefined);

/**
 * The connection of the application. Undefined on a server, until the provider is mounted, and while it is not `enabled`.
 * @throws ClientError where there is no provider
 */
export function useFalconClient(): FalconClient | undefined {
  const provided = useContext(ProvidedClient);
  if (provided === undefined) throw new ClientError('expected a <WebSocketProvider> above this component, got none');
  return provided.client;
}
