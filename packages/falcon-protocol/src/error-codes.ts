/** The `code` of an `error`: why a message was refused. The connection stays. */
export const errorCodes = [
  /** Not JSON, not an object, or a field beside `data` that is none. */
  'invalid_message',
  /** No such type. */
  'unknown_type',
  /** A type that only the server sends. */
  'server_only_type',
  /** `data` does not fit the type. */
  'invalid_data',
  /** `data`, or the `metadata` of a presence, has too many bytes. */
  'data_too_large',
  /** `message` or `custom_event` with neither `room` nor `to`. */
  'missing_target',
  /** To a room that the connection is not in, or leaving one. */
  'not_in_room',
  /** A room that the user may not enter, or that only the server says who is in. */
  'forbidden_room',
  /** `to` is no connection that shares a room with this one. */
  'unknown_recipient',
  /** The presence of somebody else. */
  'forbidden_user',
  /** The connection is in as many rooms as it may wish for. */
  'too_many_rooms',
  /** The connection follows the presence of as many users as it may. */
  'too_many_presences',
  /** What decides about it can't be asked at the moment: try again. */
  'unavailable',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
