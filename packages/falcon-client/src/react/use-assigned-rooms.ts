import { groupRoom, isWelcome, personalRoom, type ServerData, type ServerMessage } from '@roomcast/falcon-client';
import { useEffect } from 'react';
import { useFalconClient } from './context.js';
import { useLatest } from './use-followed.js';
import { isRoomMessage, type Room, type RoomMessage, type UseRoomOptions, useRoom } from './use-room.js';

/** Something that a person should see: one's own, or an announcement for everybody. */
export type Notification = ServerMessage<'notification' | 'system_notification'>;

export interface UsePersonalRoomOptions extends UseRoomOptions {
  /** Called with the data of each notification and announcement, and all of the message. */
  onNotification?: (notification: NotificationData, message: Notification) => unknown;
}

/** `message`, where there is one, is a text for people; whatever else the publisher gave is there too. */
export type NotificationData = ServerData['notification'] & { readonly message?: string };

/**
 * Follows what is for one user, on all of the user's connections: what comes in the personal room, and what comes in no
 * room, such as announcements and changes of the profile.
 * @param userId undefined or empty: nothing is done
 */
export function usePersonalRoom(
  userId: string | null | undefined,
  { onNotification, onMessage, ...options }: UsePersonalRoomOptions = {},
): Room {
  const client = useFalconClient();
  const listeners = useLatest({ onNotification, onMessage });
  useEffect(() => {
    if (client === undefined || !userId) return undefined;
    return client.on('all', (message) => {
      if (!isRoomMessage(message) || !isPersonal(message, userId)) return;
      const { onNotification, onMessage } = listeners.current;
      onMessage?.(message);
      if (message.type !== 'notification' && message.type !== 'system_notification') return;
      onNotification?.(message.data as NotificationData, message);
    });
  }, [client, userId, listeners]);
  return useRoom(userId ? personalRoom(userId) : undefined, options);
}

/**
 * Follows the room of a group. The server lets those in who are members, and shows them out when they are no more.
 * @param groupId undefined or empty: nothing is done
 */
export function useGroupRoom(groupId: string | null | undefined, options?: UseRoomOptions): Room {
  return useRoom(groupId ? groupRoom(groupId) : undefined, options);
}

function isPersonal(message: RoomMessage, userId: string): boolean {
  if (message.room !== undefined) return message.room === personalRoom(userId);
  return message.to === undefined && !isWelcome(message);
}
