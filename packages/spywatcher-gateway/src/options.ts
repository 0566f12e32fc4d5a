import { EngineOptionsError, type SessionLimits } from '@roomcast/engine';
import {
  analyticsThrottleMs,
  defaultMaxConnectsPerMinute,
  defaultMaxEventsPerSecond,
  defaultMaxGuilds,
  pingIntervalMs,
  pingTimeoutMs,
  socketPath,
} from '@roomcast/spywatcher-protocol';
import type { LimiterFactory } from './attempts.js';
import type { SavedSpywatcher } from './saved.js';

/**
 * The payload of a token that is good: `jwtVerifier(…)` of `@roomcast/engine/identity` has such a function. Undefined, or
 * an error, where it is not.
 */
export type VerifyToken = (token: string) => object | undefined | Promise<object | undefined>;

/** The ids of the guilds that a Discord user may see; undefined where that is not known, which grants nothing. */
export type GuildsOf = (discordId: string) => readonly string[] | undefined | Promise<readonly string[] | undefined>;

/** What `spywatcherGateway` takes. The session limits are the engine's, with this API's values. */
export interface SpywatcherGatewayOptions extends Omit<SessionLimits, 'maxRooms' | 'maxMessages'> {
  /** Also the `<name>` of the publish API. @default 'spywatcher' */
  name?: string;
  /** Where Socket.IO is served. @default '/socket.io' */
  path?: string;
  verify: VerifyToken;
  /** Guilds that users may see beside those their tokens name. @default those that tokens name */
  guildsOf?: GuildsOf | undefined;
  /** Between two analytics updates of a guild, in milliseconds. @default 30000 */
  throttleMs?: number;
  /** Events of a socket in any `messageWindowMs`; those over it are dropped. 0: no limit. @default 20 */
  maxMessages?: number;
  /** Guilds of a socket, once for analytics and once for events. @default 100 */
  maxRooms?: number;
  /** Attempts to connect from one address in a minute; over it HTTP 429, for longer and longer. @default 60 */
  maxConnectsPerIpPerMinute?: number;
  /** Where attempts are counted. @default in this process */
  limiter?: LimiterFactory;
  /** How long the answer to a ping may take, in milliseconds. @default 60000 */
  pingTimeoutMs?: number;
  /** How long a connection may be without a token that is good, in milliseconds. @default 10000 */
  connectTimeoutMs?: number;
  /** Members of one guild whose activity is told apart. @default 100000 */
  maxMembersPerGuild?: number;
  /** Members of all guilds together. @default 500000 */
  maxMembers?: number;
  /** What `save()` gave before a restart. */
  saved?: SavedSpywatcher | undefined;
}

type Defaulted =
  | 'name'
  | 'path'
  | 'throttleMs'
  | 'maxMessages'
  | 'messageWindowMs'
  | 'maxRooms'
  | 'maxConnectsPerIpPerMinute'
  | 'pingIntervalMs'
  | 'pingTimeoutMs'
  | 'maxMembersPerGuild'
  | 'maxMembers';

export type ResolvedOptions = SpywatcherGatewayOptions & Required<Pick<SpywatcherGatewayOptions, Defaulted>>;

/** The values of the options that are not given. */
export const spywatcherGatewayDefaults: Readonly<Required<Pick<SpywatcherGatewayOptions, Defaulted>>> = Object.freeze({
  name: 'spywatcher',
  path: socketPath,
  throttleMs: analyticsThrottleMs,
  maxMessages: defaultMaxEventsPerSecond,
  messageWindowMs: 1000,
  maxRooms: defaultMaxGuilds,
  maxConnectsPerIpPerMinute: defaultMaxConnectsPerMinute,
  pingIntervalMs,
  pingTimeoutMs,
  maxMembersPerGuild: 100_000,
  maxMembers: 500_000,
});

const maxTimerMs = 2 ** 31 - 1;

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveOptions(options: SpywatcherGatewayOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...spywatcherGatewayDefaults, ...given } as ResolvedOptions;
  for (const option of [
    'throttleMs',
    'maxRooms',
    'maxConnectsPerIpPerMinute',
    'maxMembersPerGuild',
    'maxMembers',
  ] as const) {
    const value = resolved[option];
    if (!Number.isSafeInteger(value) || value < 1)
      throw new EngineOptionsError(option, 'a whole number above 0', value);
  }
  const { maxMessages, throttleMs } = resolved;
  if (throttleMs > maxTimerMs) {
    throw new EngineOptionsError('throttleMs', `a whole number from 1 to ${maxTimerMs}`, throttleMs);
  }
  if (!Number.isSafeInteger(maxMessages) || maxMessages < 0) {
    throw new EngineOptionsError('maxMessages', 'a whole number, 0 or more', maxMessages);
  }
  return resolved;
}
