import type { FalconClient } from '@roomcast/falcon-client';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { chatCacheOf } from './chat-cache.js';
import type { ChatFormat } from './chat-data.js';
import { chatKeys } from './keys.js';

export interface ChatBindingOptions extends ChatFormat {
  /**
   * What the keys of the queries begin with; behind that of `messages` comes the thread's id.
   * @default ['chat', 'messages'], ['chat', 'threads'], ['chat', 'contacts']
   */
  keys?: { readonly messages?: QueryKey; readonly threads?: QueryKey; readonly contacts?: QueryKey };
}

/**
 * Keeps an application's own chat queries up to date: messages of `thread:<id>` rooms that somebody has joined are added to
 * their thread and become its latest, presences that somebody follows are set in the contacts. After a gap each of the
 * queries is invalidated once.
 * @returns the way to stop, which may be called again
 */
export function bindChatQueries(
  client: FalconClient,
  queryClient: QueryClient,
  { keys = {}, ...format }: ChatBindingOptions = {},
): () => void {
  const cache = chatCacheOf(client, queryClient);
  const stops = (['messages', 'threads', 'contacts'] as const).map((of) =>
    cache.add({ ...format, of, key: keys[of] ?? chatKeys[of] }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
