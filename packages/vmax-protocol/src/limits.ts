/** Where the WebSocket upgrade arrives. */
export const websocketPath = '/ws';

/** The query parameter that carries the access token. */
export const tokenParameter = 'token';

/** The query parameter that, as `true`, asks for `EVENTS_MISSED`: an extension. */
export const notifyMissedParameter = 'notify_missed';

/** The longest fleet or regulator id, in characters. */
export const maxIdLength = 128;

/** Subscriptions that one connection may wish for, its own fleet's not counted, unless the server is configured otherwise. */
export const defaultMaxSubscriptions = 200;

/** How often the server sends a WebSocket ping; a ping that nothing answers until the next one ends the connection. */
export const pingIntervalMs = 30_000;

/** How often the document's clients send `PING`. */
export const heartbeatIntervalMs = 25_000;

/** How long an access token is good for, in seconds: `expiresIn` of a login. */
export const accessTokenSeconds = 900;

/** The longest e-mail address, in characters (RFC 5321). */
export const maxEmailLength = 254;

/** The longest password, in characters: a longer one is work for the server and no safer. */
export const maxPasswordLength = 1024;

/** How deep lists and objects in the `changes` of a fleet update may be nested. */
export const maxChangesDepth = 32;
