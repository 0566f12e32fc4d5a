import { type Clock, systemClock } from './clock.js';
import { EngineOptionsError } from './errors.js';
import { consoleLogger, type Logger } from './observe/logger.js';
import type { Bus } from './publishing/bus.js';
import type { OriginPolicy } from './sockets/origin.js';

/** What `createEngine` takes. */
export interface EngineOptions {
  /** The way to other instances. Without one this instance is alone. */
  bus?: Bus;
  /** @default warnings and errors on standard error */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** Connections this process accepts; over it upgrades get HTTP 503. @default 20000 */
  maxConnections?: number;
  /** Connections from one address; over it HTTP 429. @default 1000 */
  maxConnectionsPerIp?: number;
  /** Connection attempts from one address in a minute; over it HTTP 429 with `Retry-After`. @default 600 */
  maxConnectsPerIpPerMinute?: number;
  /** Bytes that may wait for slow readers in this process; over it the slowest is closed with 1013. @default 256 MiB */
  maxQueuedBytesTotal?: number;
  /** Proxies in front whose `X-Forwarded-For` entries are believed. @default 0 */
  trustProxy?: number;
  /** How often deadlines are looked at, in milliseconds. @default 1000 */
  sweepIntervalMs?: number;
  /** How long `drain()` takes at most, in milliseconds. @default 10000 */
  drainMs?: number;
  /** How long a topic nobody wants any more stays subscribed, in milliseconds. @default 15000 */
  topicLingerMs?: number;
}

/** The options with a value for each that has a default. */
export type ResolvedEngineOptions = Required<Omit<EngineOptions, 'bus'>> & Pick<EngineOptions, 'bus'>;

/** The values of the options that are not given. */
export const engineDefaults: Readonly<Required<Omit<EngineOptions, 'bus'>>> = Object.freeze({
  logger: consoleLogger,
  clock: systemClock,
  maxConnections: 20_000,
  maxConnectionsPerIp: 1000,
  maxConnectsPerIpPerMinute: 600,
  maxQueuedBytesTotal: 256 * 1024 * 1024,
  trustProxy: 0,
  sweepIntervalMs: 1000,
  drainMs: 10_000,
  topicLingerMs: 15_000,
});

/** What one connection of a mount may do. */
export interface SessionLimits {
  /** Bytes of one message; a larger one closes with 1009. @default 65536 */
  maxFrameBytes?: number;
  /** Fragments of one message; more close with 1008. @default 1024 */
  maxFragments?: number;
  /** Messages in any `messageWindowMs`; one more closes with 1008. 0: no limit. @default 50 */
  maxMessages?: number;
  /** The window of `maxMessages`, in milliseconds. @default 1000 */
  messageWindowMs?: number;
  /** Messages waiting for a handler before reading pauses. @default 64 */
  maxPendingMessages?: number;
  /** Rooms a client may wish for; assigned ones do not count. @default 200 */
  maxRooms?: number;
  /** Bytes waiting for a slow reader. An empty queue always admits one frame. @default 1 MiB */
  maxQueuedBytes?: number;
  /** Connections of one identity; over it HTTP 429, or the oldest is closed. @default 100 */
  maxConnectionsPerIdentity?: number;
  /** What happens over `maxConnectionsPerIdentity`. @default 'refuse' */
  whenTooMany?: 'refuse' | 'close-oldest';
  /** Silence of the client before 1001, in milliseconds; pongs do not count. 0: no limit. @default 0 */
  idleTimeoutMs?: number;
  /** Between protocol pings, in milliseconds; a ping without pong or other frame until the next one closes with 1001. 0: none. @default 30000 */
  pingIntervalMs?: number;
  /** Origins that browsers may connect from. @default ['same-host'] */
  origins?: OriginPolicy;
}

/** The limits of a mount that gives none. */
export const sessionDefaults: Readonly<Required<SessionLimits>> = Object.freeze({
  maxFrameBytes: 64 * 1024,
  maxFragments: 1024,
  maxMessages: 50,
  messageWindowMs: 1000,
  maxPendingMessages: 64,
  maxRooms: 200,
  maxQueuedBytes: 1024 * 1024,
  maxConnectionsPerIdentity: 100,
  whenTooMany: 'refuse',
  idleTimeoutMs: 0,
  pingIntervalMs: 30_000,
  origins: ['same-host'],
});

function positive(option: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw new EngineOptionsError(option, 'a number above 0', value);
}

function notNegative(option: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) throw new EngineOptionsError(option, 'a number, 0 or more', value);
}

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveEngineOptions(options: EngineOptions): ResolvedEngineOptions {
  const resolved: ResolvedEngineOptions = { ...engineDefaults, ...withoutUndefined(options) };
  positive('maxConnections', resolved.maxConnections);
  positive('maxConnectionsPerIp', resolved.maxConnectionsPerIp);
  positive('maxConnectsPerIpPerMinute', resolved.maxConnectsPerIpPerMinute);
  positive('maxQueuedBytesTotal', resolved.maxQueuedBytesTotal);
  positive('sweepIntervalMs', resolved.sweepIntervalMs);
  positive('drainMs', resolved.drainMs);
  notNegative('topicLingerMs', resolved.topicLingerMs);
  notNegative('trustProxy', resolved.trustProxy);
  return resolved;
}

/** The limits with their defaults, refused by name where one makes no sense. */
export function resolveSessionLimits(limits: SessionLimits): Required<SessionLimits> {
  const resolved: Required<SessionLimits> = { ...sessionDefaults, ...withoutUndefined(limits) };
  positive('maxFrameBytes', resolved.maxFrameBytes);
  positive('maxFragments', resolved.maxFragments);
  notNegative('maxMessages', resolved.maxMessages);
  positive('messageWindowMs', resolved.messageWindowMs);
  positive('maxPendingMessages', resolved.maxPendingMessages);
  positive('maxRooms', resolved.maxRooms);
  positive('maxQueuedBytes', resolved.maxQueuedBytes);
  positive('maxConnectionsPerIdentity', resolved.maxConnectionsPerIdentity);
  notNegative('idleTimeoutMs', resolved.idleTimeoutMs);
  notNegative('pingIntervalMs', resolved.pingIntervalMs);
  return resolved;
}

function withoutUndefined<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}
