import { type Bus, type Clock, createEngine, type Engine, type Logger, systemClock } from '@roomcast/engine';
import { busFrom, type Connections } from './bus-from.js';
import { type CommonEnvironment, secretsOf } from './environment.js';
import { engineOptions } from './limits.js';
import { createLogger } from './logs.js';

/** What a program that runs several servers gives each of them. */
export interface ServerParts {
  /** @default JSON lines on standard output */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** The way to other instances, which stays its owner's to close. @default what `REDIS_URL` or `NATS_URL` names */
  bus?: Bus;
}

/** What a server stands on. */
export interface ServerBase {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly clock: Clock;
  /** To be closed after the engine. */
  readonly connections: Connections;
}

/**
 * The engine that the environment describes, with its way to other instances.
 *
 * @param service what each line of the log calls it
 * @throws as `busFrom` does
 */
export async function engineFrom(
  env: CommonEnvironment,
  service: string,
  parts: ServerParts = {},
): Promise<ServerBase> {
  const { clock = systemClock } = parts;
  const logger = parts.logger ?? createLogger({ level: env.LOG_LEVEL, service, secrets: secretsOf(env) });
  const connections = await busFrom(env, { logger, clock, bus: parts.bus });
  const { bus } = connections;
  const engine = createEngine({ ...engineOptions(env), logger, clock, ...(bus !== undefined && { bus }) });
  return { engine, logger, clock, connections };
}
