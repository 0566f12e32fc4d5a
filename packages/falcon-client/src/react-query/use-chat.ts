import { isId, randomId, threadRoom } from '@roomcast/falcon-client';
import { useFalconClient, useRoom } from '@roomcast/falcon-client/react';
import {
  type DefaultError,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type Binding, chatCacheOf } from './chat-cache.js';
import { type ChatFormat, contactIds } from './chat-data.js';
import { chatKeys, messagesKey } from './keys.js';

/** Those of `useQuery`: `queryFn` is the application's. */
export type ChatQueryOptions<Data, Selected = Data> = Omit<
  UseQueryOptions<Data, DefaultError, Selected>,
  'queryKey'
> & {
  queryKey?: QueryKey;
  /** How what comes becomes what `queryFn` gives. Counts as it was when the component was mounted. */
  live?: ChatFormat;
};

/**
 * The messages of a thread, live: joins its room while the component is mounted.
 * @param threadId undefined or empty: nothing is done
 */
export function useChatMessages<Data, Selected = Data>(
  threadId: string | null | undefined,
  { queryKey = messagesKey(threadId ?? ''), live, ...options }: ChatQueryOptions<Data, Selected>,
): UseQueryResult<Selected> {
  const client = useFalconClient();
  const roomId = threadId ? threadRoom(threadId) : undefined;
  const { error } = useRoom(roomId, { keep: 0 });
  useBinding(threadId ? { ...live, of: 'messages', key: queryKey, threadId } : undefined);
  // First the room, then the query, so that nothing is said in between; without a connection the query has to do.
  const isConnected = client?.connectionState === 'connected';
  const isJoining = isConnected && roomId !== undefined && !client.rooms.includes(roomId) && error === undefined;
  const began = useBegan(queryKey, !isJoining);
  return useQuery({ ...options, queryKey, ...((!threadId || !began) && { enabled: false }) });
}

/** The threads, live: a message in a thread whose room somebody has joined becomes its latest. */
export function useChatThreads<Data, Selected = Data>({
  queryKey = chatKeys.threads,
  live,
  ...options
}: ChatQueryOptions<Data, Selected>): UseQueryResult<Selected> {
  useBinding({ ...live, of: 'threads', key: queryKey });
  return useQuery({ ...options, queryKey });
}

/** The contacts, live: follows their presence while the component is mounted. */
export function useChatContacts<Data, Selected = Data>({
  queryKey = chatKeys.contacts,
  live,
  ...options
}: ChatQueryOptions<Data, Selected>): UseQueryResult<Selected> {
  useBinding({ ...live, of: 'contacts', key: queryKey });
  const result = useQuery({ ...options, queryKey });
  const client = useFalconClient();
  const queries = useQueryClient();
  // `select` may leave anything: what was fetched says who the contacts are.
  const wanted = JSON.stringify(result.isSuccess ? contactIds(queries.getQueryData(queryKey)).filter(isId) : []);
  useEffect(() => {
    if (client === undefined || client.state === 'closed') return undefined;
    return client.followPresence(...(JSON.parse(wanted) as string[]));
  }, [client, wanted]);
  return result;
}

/**
 * Sends messages to a thread. Each is shown at once, with `pending: true`; its echo takes its place. Where it is refused it
 * goes, and the promise rejects.
 * @param threadId undefined or empty: nothing is done
 */
export function useSendChatMessage(threadId: string | null | undefined): (data: unknown) => Promise<void> {
  const client = useFalconClient();
  const queries = useQueryClient();
  return useCallback(
    async (data) => {
      if (client === undefined || !threadId) return;
      const message = { id: randomId(), type: 'message', room: threadRoom(threadId), data } as const;
      const { remove, done } = chatCacheOf(client, queries).showPending(threadId, message);
      await client.sendMessage(message).then(done, (error: unknown) => {
        remove();
        throw error;
      });
    },
    [client, queries, threadId],
  );
}

function useBinding(binding: Binding | undefined): void {
  const client = useFalconClient();
  const queries = useQueryClient();
  const name = JSON.stringify(binding);
  const latest = useRef(binding);
  latest.current = binding;
  useEffect(() => {
    const current = latest.current;
    if (client === undefined || name === undefined || current === undefined) return undefined;
    return chatCacheOf(client, queries).add(current);
  }, [client, queries, name]);
}

/** Whether it was true once for this key: later it may be false again. */
function useBegan(key: QueryKey, isTime: boolean): boolean {
  const name = JSON.stringify(key);
  const began = useRef<string>(undefined);
  if (isTime) began.current = name;
  return began.current === name;
}
