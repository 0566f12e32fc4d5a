/** What a client may send. */
export const clientMessageTypes = ['system', 'presence', 'heartbeat', 'message', 'custom_event'] as const;

/** What the server may send: all types that there are. */
export const messageTypes = [
  ...clientMessageTypes,
  'notification',
  'room_update',
  'error',
  'user_profile_update',
  'group_membership_change',
  'system_notification',
  'room_joined',
  'room_left',
] as const;

export type ClientMessageType = (typeof clientMessageTypes)[number];
export type MessageType = (typeof messageTypes)[number];

export function isMessageType(type: unknown): type is MessageType {
  return (messageTypes as readonly unknown[]).includes(type);
}

export function isClientMessageType(type: unknown): type is ClientMessageType {
  return (clientMessageTypes as readonly unknown[]).includes(type);
}
