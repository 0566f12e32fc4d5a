/** Where the WebSocket upgrade arrives. */
export const websocketPath = '/websocket/connect';

/** Where everybody may read how the service is. */
export const statusPath = '/websocket/status';

/** The cookie that carries the token of a page. */
export const authCookie = 'falcon_auth_token';

/** The query parameter with which a connection asks, by `true`, to be told when events were lost. */
export const notifyMissedParameter = 'notify_missed';

/** The longest id of a user, a group, a connection or a message, in characters. */
export const maxIdLength = 128;

/** The longest id of a room, in characters: any id with a prefix (`thread:` is the longest), and one to spare. */
export const maxRoomIdLength = 136;

/** The largest `data` of a client's message, in bytes of JSON, unless the server is configured otherwise. */
export const defaultMaxDataBytes = 32 * 1024;

/** How deep lists and objects in `data` may be nested. */
export const maxDataDepth = 32;

/** The largest `metadata` of a presence, in bytes of JSON: every instance keeps that of every user. */
export const maxMetadataBytes = 1024;

/** Rooms one connection may wish for, those the server assigns not counted, unless the server is configured otherwise. */
export const defaultMaxRooms = 200;

/** Users whose presence one connection may follow, unless the server is configured otherwise. */
export const defaultMaxPresences = 500;

/** Above so many members a room's joins and leaves are told as one count a second. */
export const maxMembersTold = 200;

/** How long after its last connection a user still counts as present, in milliseconds. */
export const presenceGraceMs = 10_000;

/** Between WebSocket pings; a ping that nothing answers until the next one ends the connection. */
export const pingIntervalMs = 30_000;

/** How long a client waits for the frame that answers a message with an `id`, in milliseconds. */
export const acknowledgementTimeoutMs = 10_000;
