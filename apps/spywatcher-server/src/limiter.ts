import type { Logger } from '@roomcast/engine';
import type { LimiterFactory } from '@roomcast/spywatcher-gateway';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';

/** Where attempts to connect are counted. */
export interface Limiter {
  /** Absent: in this process. */
  readonly factory: LimiterFactory | undefined;
  close(): void;
}

const connectTimeoutMs = 3000;
const reconnectEveryMs = 2000;
/** Commands that wait for a Redis which says nothing: with more of them each instance counts for itself. */
const maxWaiting = 1000;

/**
 * Counts attempts in Redis where the bus is a plain Redis, for all instances together. While it does not answer, each
 * instance counts for itself, as it does with every other bus.
 */
export function openLimiter({ REDIS_URL }: { REDIS_URL?: string | undefined }, logger: Logger): Limiter {
  if (REDIS_URL === undefined || !/^rediss?:\/\/[^,]*$/.test(REDIS_URL)) return { factory: undefined, close() {} };
  const client = createClient({
    url: REDIS_URL,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: reconnectEveryMs },
  });
  let isComplaining = false;
  client.on('ready', () => {
    isComplaining = false;
  });
  client.on('error', (error: Error) => {
    if (!isComplaining) logger.warn({ reason: error.message }, 'attempts to connect are counted here, not in Redis');
    isComplaining = true;
  });
  // What goes wrong is told by `error`, and tried again.
  client.connect().catch(() => {});
  return {
    factory: (options) =>
      new RateLimiterRedis({
        ...options,
        storeClient: client,
        useRedisPackage: true,
        insuranceLimiter: new RateLimiterMemory(options),
      }),
    close: () => client.destroy(),
  };
}
