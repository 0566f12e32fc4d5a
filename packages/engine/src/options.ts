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

/** Timers beyond this fire at once. */
const max32Bits = 2 ** 31 - 1;

function positive(option: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw new EngineOptionsError(option, 'a number above 0', value);
}

function notNegative(option: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) throw new EngineOptionsError(option, 'a number, 0 or more', value);
}

/** A whole number from `least` to `most`. */
function count(option: string, value: number, least = 1, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
  throw new EngineOptionsError(option, `a whole number, ${range}`, value);
}

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveEngineOptions(options: EngineOptions): ResolvedEngineOptions {
  const resolved: ResolvedEngineOptions = { ...engineDefaults, ...withoutUndefined(options) };
  count('maxConnections', resolved.maxConnections);
  count('maxConnectionsPerIp', resolved.maxConnectionsPerIp);
  count('maxConnectsPerIpPerMinute', resolved.maxConnectsPerIpPerMinute);
  count('maxQueuedBytesTotal', resolved.maxQueuedBytesTotal);
  count('sweepIntervalMs', resolved.sweepIntervalMs, 1, max32Bits);
  positive('drainMs', resolved.drainMs);
  count('topicLingerMs', resolved.topicLingerMs, 0, max32Bits);
  count('trustProxy', resolved.trustProxy, 0);
  return resolved;
}

/** The limits with their defaults, refused by name where one makes no sense. */
export function resolveSessionLimits(limits: SessionLimits): Required<SessionLimits> {
  const resolved: Required<SessionLimits> = { ...sessionDefaults, ...withoutUndefined(limits) };
  count('maxFrameBytes', resolved.maxFrameBytes, 1, max32Bits);
  count('maxFragments', resolved.maxFragments, 1, max32Bits);
  count('maxMessages', resolved.maxMessages, 0);
  positive('messageWindowMs', resolved.messageWindowMs);
  count('maxPendingMessages', resolved.maxPendingMessages);
  count('maxRooms', resolved.maxRooms);
  count('maxQueuedBytes', resolved.maxQueuedBytes);
  count('maxConnectionsPerIdentity', resolved.maxConnectionsPerIdentity);
  if (resolved.whenTooMany !== 'refuse' && resolved.whenTooMany !== 'close-oldest') {
    throw new EngineOptionsError('whenTooMany', "'refuse' or 'close-oldest'", resolved.whenTooMany);
  }
  checkOrigins(resolved.origins);
  notNegative('idleTimeoutMs', resolved.idleTimeoutMs);
  notNegative('pingIntervalMs', resolved.pingIntervalMs);
  return resolved;
}

/** What the bus calls topics begins with the name: without a dot in it, those of two mounts are never the same. */
const mountName = /^[\w-]+$/;
const mountPath = /^\/[^?#\s]*$/;

/** Refuses a name that is unfit for the bus, and paths that no request can have. */
export function checkMount(name: string, paths: readonly string[]): void {
  if (!mountName.test(name)) throw new EngineOptionsError('name', 'letters, digits, - and _', JSON.stringify(name));
  if (paths.length === 0) throw new EngineOptionsError('paths', 'at least one path', 'none');
  for (const path of paths) {
    if (!mountPath.test(path))
      throw new EngineOptionsError('paths', 'a path that begins with / and ends before ?', path);
  }
}

/** What a browser sends as `Origin`: a scheme and a host, and a port that is not the scheme's own. */
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/;

function checkOrigins(origins: OriginPolicy): void {
  if (origins === '*') return;
  if (!Array.isArray(origins)) throw new EngineOptionsError('origins', "a list of origins or '*'", origins);
  for (const entry of origins) {
    if (entry === 'same-host' || entry === 'null' || origin.test(entry)) continue;
    throw new EngineOptionsError('origins', "origins such as https://example.com, 'same-host', or '*' for all", entry);
  }
}

function withoutUndefined<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}
