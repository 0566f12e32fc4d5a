/** Where the server listens, unless it is configured otherwise. */
export const defaultPort = 3001;

/** Where Socket.IO is served. */
export const socketPath = '/socket.io';

/** The query parameter with which a client asks, by `true`, for `events:missed`. */
export const notifyMissedParameter = 'notify_missed';

/** How often the server pings each connection. */
export const pingIntervalMs = 25_000;

/** How long it waits for the answer to a ping before it ends the connection. */
export const pingTimeoutMs = 60_000;

/** At most one analytics update of a guild in this time, across all instances of a server. */
export const analyticsThrottleMs = 30_000;

/** A socket that subscribes again to the same guild's analytics is sent the last update at most once in this time. */
export const snapshotIntervalMs = 30_000;

/** Entries of `ghosts` in one update. */
export const maxGhosts = 10;

/** Entries of `lurkers` in one update. */
export const maxLurkers = 10;

/** Entries of `channelDiversity` in one update. */
export const maxChannelDiversity = 20;

/** What members did longer ago than this does not count. */
export const analyticsWindowMs = 7 * 24 * 3_600_000;

/** Presence events from which on a member that does nothing else is a lurker. */
export const lurkerPresences = 5;

/** The longest id of a guild, a user or a channel, in characters. */
export const maxIdLength = 128;

/** The longest name that may be published, in characters. */
export const maxNameLength = 256;

/** The most roles in one event that may be published. */
export const maxRoles = 250;

/** Events a socket may send in a second, unless the server is configured otherwise. */
export const defaultMaxEventsPerSecond = 20;

/** For how long a socket may send more than that, in milliseconds, until it is disconnected. */
export const maxOverRateMs = 10_000;

/** Guilds a socket may be subscribed to, once for analytics and once for events, unless configured otherwise. */
export const defaultMaxGuilds = 100;

/** Connection attempts from one address in a minute, unless the server is configured otherwise. */
export const defaultMaxConnectsPerMinute = 60;
