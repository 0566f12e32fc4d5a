import type { EngineOptions, SessionLimits } from '@roomcast/engine';
import type { CommonEnvironment } from './environment.js';

/** What the environment says about the engine. Unset limits are left to the engine's defaults. */
export function engineOptions(env: CommonEnvironment): EngineOptions {
  return onlyDefined({
    maxConnections: env.MAX_CONNECTIONS,
    maxConnectionsPerIp: env.MAX_CONNECTIONS_PER_IP,
    maxConnectsPerIpPerMinute: env.MAX_CONNECTS_PER_IP_PER_MINUTE,
    maxQueuedBytesTotal: env.MAX_QUEUED_BYTES_TOTAL,
    trustProxy: env.TRUST_PROXY,
    drainMs: env.DRAIN_MS,
  });
}

/** What the environment says about each connection. Only what is set is there, so that it can be spread over defaults. */
export function sessionLimits(env: CommonEnvironment): SessionLimits {
  return onlyDefined({
    maxFrameBytes: env.MAX_FRAME_BYTES,
    ...messageRate(env),
    maxRooms: env.MAX_ROOMS_PER_CONNECTION,
    maxQueuedBytes: env.MAX_QUEUED_BYTES,
    maxConnectionsPerIdentity: env.MAX_CONNECTIONS_PER_IDENTITY,
    idleTimeoutMs: env.IDLE_TIMEOUT_MS,
    pingIntervalMs: env.PING_INTERVAL_MS,
    origins: env.ALLOWED_ORIGINS,
  });
}

function messageRate(env: CommonEnvironment): Pick<SessionLimits, 'maxMessages' | 'messageWindowMs'> {
  if (env.MAX_MESSAGES_PER_SECOND !== undefined) {
    return { maxMessages: env.MAX_MESSAGES_PER_SECOND, messageWindowMs: 1000 };
  }
  if (env.MAX_MESSAGES_PER_MINUTE !== undefined) {
    return { maxMessages: env.MAX_MESSAGES_PER_MINUTE, messageWindowMs: 60_000 };
  }
  return {};
}

function onlyDefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
