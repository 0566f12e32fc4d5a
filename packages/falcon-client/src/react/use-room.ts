import { type Addressed, type ClientError, NotConnectedError, type ServerMessage } from '@roomcast/falcon-client';
import { useCallback, useMemo } from 'react';
import { useFalconClient } from './context.js';
import { type Follow, useFollowed, useLatest } from './use-followed.js';

/** What is said in a room; what the server tells of its members is not meant. */
export type RoomMessage = ServerMessage<
  | 'message'
  | 'custom_event'
  | 'notification'
  | 'system_notification'
  | 'user_profile_update'
  | 'group_membership_change'
>;

export interface UseRoomOptions {
  /** Called with each message. React may render once for several. */
  onMessage?: (message: RoomMessage) => unknown;
  /**
   * How many messages are kept for rendering; 0: none.
   * @default 100
   */
  keep?: number;
}

export interface RoomView {
  readonly isJoined: boolean;
  /** The latest, the oldest first, since the component was mounted or its room changed. */
  readonly messages: readonly RoomMessage[];
  /** Why the server does not let the connection in, or did not take the last message. */
  readonly error: ClientError | undefined;
}

export interface Room extends RoomView {
  /**
   * Resolves to the acknowledgement: the copy that every member gets. Whoever does not wait for it finds what went wrong
   * in `error`.
   */
  sendToRoom(message: Omit<Addressed, 'room'>): Promise<ServerMessage>;
}

const idle: RoomView = { isJoined: false, messages: [], error: undefined };
const said: ReadonlySet<string> = new Set<RoomMessage['type']>([
  'message',
  'custom_event',
  'notification',
  'system_notification',
  'user_profile_update',
  'group_membership_change',
]);

export function isRoomMessage(message: ServerMessage): message is RoomMessage {
  return said.has(message.type);
}

/**
 * Is in a room while the component is mounted. Personal and group rooms are the server's to assign: those are followed.
 * @param roomId undefined or empty: nothing is done
 */
export function useRoom(roomId: string | null | undefined, { onMessage, keep = 100 }: UseRoomOptions = {}): Room {
  const client = useFalconClient();
  const listener = useLatest(onMessage);
  const failures = useMemo(() => new Set<(error: ClientError | undefined) => void>(), []);
  const follow = useMemo<Follow<RoomView> | undefined>(() => {
    if (client === undefined || !roomId) return undefined;
    return (show) => {
      // The owner of a client may have disconnected it: then there is nothing to follow.
      if (client.state === 'closed') return () => {};
      let view: RoomView = { ...idle, isJoined: client.rooms.includes(roomId) };
      const tell = (change: Partial<RoomView>) => {
        view = { ...view, ...change };
        show(view);
      };
      const fail = (error: ClientError | undefined) => {
        if (error !== view.error) tell({ error });
      };
      failures.add(fail);
      const stops = [
        client.join(roomId).leave,
        client.on('error', (error) => {
          if ('operation' in error && error.operation === `join ${roomId}`) fail(error);
        }),
        client.on('rooms', (rooms) => {
          const isJoined = rooms.includes(roomId);
          if (isJoined !== view.isJoined) tell(isJoined ? { isJoined, error: undefined } : { isJoined });
        }),
        client.onRoom(roomId, (message) => {
          if (!isRoomMessage(message)) return undefined;
          if (keep > 0) tell({ messages: [...view.messages, message].slice(-keep) });
          return listener.current?.(message);
        }),
      ];
      show(view);
      return () => {
        failures.delete(fail);
        for (const stop of stops) stop();
      };
    };
  }, [client, roomId, keep, listener, failures]);
  const sendToRoom = useCallback(
    (message: Omit<Addressed, 'room'>) => {
      const sent =
        client !== undefined && roomId
          ? client.sendMessage({ ...message, room: roomId })
          : Promise.reject(new NotConnectedError('sendToRoom'));
      const tell = (error?: ClientError) => {
        for (const fail of failures) fail(error);
      };
      sent.then(() => tell(), tell);
      return sent;
    },
    [client, roomId, failures],
  );
  return { ...useFollowed(idle, follow), sendToRoom };
}
