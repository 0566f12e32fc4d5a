/** Where the WebSocket upgrade arrives; both are the same. */
export const websocketPaths = ['/ws', '/api/v1/ws'] as const;

/** Where the connection statistics are, beside each WebSocket path. */
export const statsPaths = ['/ws/stats', '/api/v1/ws/stats'] as const;

/** Subscriptions of one connection, unless the server is configured otherwise. */
export const defaultMaxSubscriptions = 100;

/** Characters of an id, a room or a filter value. */
export const maxIdLength = 256;

/** Winners of one raffle: each is looked up among the `user_id` filters. */
export const maxWinners = 1000;

/** How far past its `exp` a token still counts, in seconds. */
export const tokenLeewaySeconds = 30;

/** Nothing received for this long closes the connection with 1001. */
export const idleTimeoutMs = 300_000;

/** How often a client should send `ping`, and the server a WebSocket ping. */
export const pingIntervalMs = 30_000;

/** The window in which messages are counted. */
export const messageWindowMs = 60_000;

/** Messages of one connection in a sliding minute; one more closes with 1008. */
export const maxMessagesPerMinute = 100;

/** The same for a connection that is not authenticated. */
export const maxMessagesPerMinuteBeforeAuth = 20;

/** `auth` messages of one connection in a sliding minute; one more closes with 1008. */
export const maxAuthsPerMinute = 5;

/** Connections of one user; one more closes the oldest with 4408. */
export const maxConnectionsPerUser = 3;
