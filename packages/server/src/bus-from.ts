import type { Bus, Clock, Logger } from '@roomcast/engine';
import { EngineOptionsError, RoomcastError } from '@roomcast/engine';
import type * as z from 'zod';
import type { CommonEnvironment } from './environment.js';
import { EnvironmentError } from './errors.js';
import { sharedState } from './shared-state.js';
import { type StateStore, stateFile } from './state.js';

export interface BusFromOptions {
  logger: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** A bus there is already, which stays its owner's to close. @default what the environment names */
  bus?: Bus | undefined;
}

/** What connects an instance to the others. */
export interface Connections {
  /** For `createEngine`. Undefined: this instance is alone. */
  readonly bus: Bus | undefined;
  /**
   * What must survive a restart: in Redis, for all instances together, where the bus is Redis; else in a file of
   * `STATE_DIR`. Throws `EnvironmentError` where the folder can't be made.
   */
  state<Schema extends z.ZodType>(name: string, schema: Schema): StateStore<z.output<Schema>>;
  /** Ends the connection, after the engine has closed. */
  close(): Promise<void>;
}

type BusEnvironment = Pick<CommonEnvironment, 'REDIS_URL' | 'NATS_URL' | 'STATE_DIR'>;

/**
 * The bus that `REDIS_URL` or `NATS_URL` names. It needs `@roomcast/redis` or `@roomcast/nats`, and loads neither where
 * it is not asked for. A broker that can't be reached yet is waited for, and `/readyz` says so; throws
 * `EnvironmentError` of one line where the URL can't be used or the broker refuses us.
 */
export async function busFrom(env: BusEnvironment, options: BusFromOptions): Promise<Connections> {
  const { logger, clock, bus } = options;
  const inFile: Connections['state'] = (name, schema) => stateFile(env.STATE_DIR, name, schema, logger);
  if (bus !== undefined) return { bus, state: inFile, close: async () => {} };
  const common = { logger, ...(clock !== undefined && { clock }) };
  if (env.REDIS_URL !== undefined) {
    const url = env.REDIS_URL;
    const { createRedisBus, redisState } = await needed('REDIS_URL', () => import('@roomcast/redis'));
    const redis = await connected('REDIS_URL', () => createRedisBus({ ...common, url }));
    return {
      bus: redis,
      state: (name, schema) => sharedState(redisState(redis, name), name, schema, logger),
      close: () => redis.close(),
    };
  }
  if (env.NATS_URL !== undefined) {
    const url = env.NATS_URL;
    const { createNatsBus } = await needed('NATS_URL', () => import('@roomcast/nats'));
    const nats = await connected('NATS_URL', () => createNatsBus({ ...common, url }));
    return { bus: nats, state: inFile, close: () => nats.close() };
  }
  return { bus: undefined, state: inFile, close: async () => {} };
}

async function needed<Module>(variable: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const name = variable === 'REDIS_URL' ? '@roomcast/redis' : '@roomcast/nats';
    throw EnvironmentError.of(variable, `expected ${name} to be installed beside this program`, { cause: error });
  }
}

async function connected<Connection>(variable: string, connect: () => Promise<Connection>): Promise<Connection> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof RoomcastError)) throw error;
    const text = error instanceof EngineOptionsError ? error.message.replace(`${error.option}: `, '') : error.message;
    throw EnvironmentError.of(variable, text, { cause: error });
  }
}
