const personalPrefix = 'user:';
const groupPrefix = 'group:';
const threadPrefix = 'thread:';

/**
 * What a room is, told by how its id begins.
 * - `personal` (`user:`) and `group` (`group:`): assigned by the server alone.
 * - `thread` (`thread:`) and `custom` (anything else): joined and left by clients.
 */
export type RoomType = 'personal' | 'group' | 'thread' | 'custom';

export const roomTypes: readonly RoomType[] = ['personal', 'group', 'thread', 'custom'];

/** The room of all connections of a user. */
export const personalRoom = (userId: string): string => personalPrefix + userId;

/** The room of all connections of a group's members. */
export const groupRoom = (groupId: string): string => groupPrefix + groupId;

/** The room of a chat thread. */
export const threadRoom = (threadId: string): string => threadPrefix + threadId;

export function roomTypeOf(room: string): RoomType {
  if (room.startsWith(personalPrefix)) return 'personal';
  if (room.startsWith(groupPrefix)) return 'group';
  return room.startsWith(threadPrefix) ? 'thread' : 'custom';
}

/** The id of the user, group or thread a room is of; of a custom room its whole id. */
export function roomSubject(room: string): string {
  return roomTypeOf(room) === 'custom' ? room : room.slice(room.indexOf(':') + 1);
}

/** Whether only the server says who is in it. */
export function isAssigned(room: string): boolean {
  const type = roomTypeOf(room);
  return type === 'personal' || type === 'group';
}
