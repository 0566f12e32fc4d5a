import { type FalconClient, isId, type PresenceOf, type PresenceStatus } from '@roomcast/falcon-client';
import { useCallback, useMemo } from 'react';
import { useFalconClient } from './context.js';
import { type Follow, useFollowed, useLatest } from './use-followed.js';

export interface UsePresenceOptions {
  /** Oneself. Undefined: nobody is followed and nothing is said. */
  userId?: string | null | undefined;
  /** Whose presence is followed besides one's own; what is no id is left out. May be a new list in each rendering. */
  follow?: readonly string[];
  /** Called with each change. */
  onPresenceChange?: (presence: PresenceOf) => unknown;
}

export interface PresenceView {
  /** Those who are followed, as far as the server has told, by their ids. */
  readonly presence: ReadonlyMap<string, PresenceOf>;
  /** `online`, `away` or `offline`; null before the server has told. */
  readonly myStatus: string | null;
}

export interface UsePresence extends PresenceView {
  /** Resolves when the server has taken it. While there is no `userId`, or no client, nothing is done. */
  updatePresence(status: PresenceStatus, metadata?: Readonly<Record<string, unknown>>): Promise<void>;
}

const nobody: ReadonlyMap<string, PresenceOf> = new Map();

/** Says how one is, and follows how others are. */
export function usePresence({ userId, follow = [], onPresenceChange }: UsePresenceOptions = {}): UsePresence {
  const client = useFalconClient();
  const listener = useLatest(onPresenceChange);
  const wanted = userId ? JSON.stringify([...new Set([userId, ...follow])].filter(isId)) : undefined;
  const following = useMemo<Follow<ReadonlyMap<string, PresenceOf>> | undefined>(() => {
    if (client === undefined || wanted === undefined) return undefined;
    const userIds = new Set(JSON.parse(wanted) as string[]);
    return (show) => {
      if (client.state === 'closed') return () => {};
      const stops = [
        client.followPresence(...userIds),
        client.on('presence', ({ data }) => {
          if (!userIds.has(data.userId)) return undefined;
          show(only(userIds, client));
          return listener.current?.(data);
        }),
      ];
      show(only(userIds, client));
      return () => {
        for (const stop of stops) stop();
      };
    };
  }, [client, wanted, listener]);
  const presence = useFollowed(nobody, following);
  const updatePresence = useCallback(
    (status: PresenceStatus, metadata?: Readonly<Record<string, unknown>>) => {
      if (client === undefined || !userId) return Promise.resolve();
      const said = client.updatePresence(status, { userId, ...(metadata !== undefined && { metadata }) });
      // The program of whoever does not wait for it is not ended by a refusal.
      said.catch(() => {});
      return said;
    },
    [client, userId],
  );
  const myStatus = (userId && presence.get(userId)?.status) || null;
  return { updatePresence, presence, myStatus };
}

function only(userIds: ReadonlySet<string>, { presence }: FalconClient): ReadonlyMap<string, PresenceOf> {
  return new Map([...presence].filter(([userId]) => userIds.has(userId)));
}
