import { BrokerBus, type BrokerBusOptions, BusDownError } from '@roomcast/engine';
import type { TlsOptions } from './client.js';
import { connectCluster } from './cluster.js';
import { type ConnectOptions, connectSingle, type RedisConnection } from './connection.js';
import { connectSentinel } from './sentinel.js';
import { type Address, parseUrl, type Target } from './url.js';

/** What `createRedisBus` takes. */
export interface RedisBusOptions extends BrokerBusOptions {
  /**
   * `redis[s]://[user:password@]host[:port][/database]`, `redis[s]+cluster://[user:password@]host,host…` or
   * `redis[s]+sentinel://[user:password@]sentinel,sentinel…/master[/database]`.
   */
  url: string;
  /** For `rediss`: a certificate authority, a client's certificate. @default the machine's authorities */
  tls?: TlsOptions;
  /** Name and password of the sentinels, where they ask for one. @default none */
  sentinel?: { username?: string; password?: string };
}

/** A bus over Redis. */
export class RedisBus extends BrokerBus<RedisConnection> {
  /** The value of a key; null where there is none. Rejects with `BusDownError` while the bus is down. */
  get(key: string): Promise<string | null> {
    return this.#asked((connection) => connection.get(key));
  }

  /** Replaces the value of a key. Rejects with `BusDownError` while the bus is down. */
  set(key: string, value: string): Promise<void> {
    return this.#asked((connection) => connection.set(key, value));
  }

  async #asked<Value>(ask: (connection: RedisConnection) => Promise<Value>): Promise<Value> {
    try {
      return await ask(this.connection);
    } catch (error) {
      if (error instanceof BusDownError) throw error;
      throw new BusDownError(`${this.broker.name}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/**
 * Connects to Redis. Resolves with a bus that is up, or that waits for a Redis that can not be reached yet (`status`).
 * Rejects with `EngineOptionsError` for an option that makes no sense, and with `BusRefusedError` where Redis refuses
 * the password or the connection can not be trusted.
 */
export async function createRedisBus(options: RedisBusOptions): Promise<RedisBus> {
  const { url, tls, sentinel, ...busOptions } = options;
  const target = parseUrl(url);
  const broker = {
    name: target.name,
    connect: (events: ConnectOptions['events'], timeoutMs: number) =>
      connectors[target.kind]({ target, tls, sentinel, events, timeoutMs }),
  };
  const bus = new RedisBus(broker, busOptions);
  await bus.started();
  return bus;
}

const connectors: Record<Target['kind'], (options: ConnectOptions) => Promise<RedisConnection>> = {
  single: (options) => connectSingle(options, options.target.addresses[0] as Address),
  sentinel: connectSentinel,
  cluster: connectCluster,
};
