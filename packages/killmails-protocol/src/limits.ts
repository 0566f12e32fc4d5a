/** The one channel of the API. */
export const killmailsTopic = 'killmails:lobby';

/** Where the socket is mounted; Phoenix clients add `/websocket` themselves. */
export const socketPath = '/socket';

/** Where the WebSocket upgrade arrives. */
export const websocketPath = '/socket/websocket';

/** The largest system id that can be subscribed to; the smallest is 1. */
export const maxSystemId = 32_000_000;

/** The largest character id that can be subscribed to; the smallest is 1. EVE's ids are 64-bit, JSON's are not. */
export const maxCharacterId = Number.MAX_SAFE_INTEGER;

/** Systems that one connection may be subscribed to in total, unless the server is configured otherwise. */
export const defaultMaxSystems = 100;

/** Characters that one connection may be subscribed to in total, unless the server is configured otherwise. */
export const defaultMaxCharacters = 1_000;

/** A shorter token is refused without looking it up. */
export const minTokenLength = 8;

/** Nothing received for this long closes the connection with 1001. */
export const idleTimeoutMs = 45_000;

/** How often the official clients send a heartbeat. */
export const heartbeatIntervalMs = 30_000;

/** More refused upgrades than this per address and minute are answered with HTTP 429. */
export const maxRefusalsPerMinute = 60;

/** The window in which `kill_count_update` counts, unless the server is configured otherwise. */
export const defaultCountWindowHours = 24;

/** Preload asked for beyond these is cut to them. */
export const maxPreloadPerSystem = 200;
export const maxPreloadHours = 168;

/** Preload asked for without figures. */
export const defaultPreloadPerSystem = 5;
export const defaultPreloadHours = 24;
