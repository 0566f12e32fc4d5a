import type { BrokerConnection, ConnectionEvents } from '@roomcast/engine';
import type { TlsOptions } from './client.js';
import { Node } from './node.js';
import { explain } from './problems.js';
import type { Address, Target } from './url.js';

/** A connection to Redis in any of its forms. */
export interface RedisConnection extends BrokerConnection {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

export interface ConnectOptions {
  readonly target: Target;
  readonly tls: TlsOptions | undefined;
  /** What the sentinels want to be told; Redis itself is told what the URL says. */
  readonly sentinel: { readonly username?: string | undefined; readonly password?: string | undefined } | undefined;
  readonly timeoutMs: number;
  readonly events: ConnectionEvents;
}

/** The connection to one server. */
export async function connectSingle(options: ConnectOptions, address: Address): Promise<RedisConnection> {
  return connectionOf(await Node.open({ ...options, address, isSharded: false }));
}

export function connectionOf(node: Node): RedisConnection {
  return {
    publish: (topic, message) => node.publish(topic, message),
    subscribe: (channels) => node.subscribe(channels),
    unsubscribe: (channel) => node.unsubscribe(channel),
    ping: () => node.ping(),
    close: () => node.close(),
    get: (key) => node.get(key),
    set: (key, value) => node.set(key, value),
  };
}

/** What is left of a time, in milliseconds. */
export type Left = () => number;

/** Tries the addresses one after the other, beginning anywhere; rejects with what was wrong with the last. */
export async function tryEach<Value>(
  { target, timeoutMs }: ConnectOptions,
  attempt: (address: Address, left: Left) => Promise<Value>,
): Promise<Value> {
  const { addresses } = target;
  const deadline = performance.now() + timeoutMs;
  const left = () => Math.max(1, Math.round(deadline - performance.now()));
  const first = Math.floor(Math.random() * addresses.length);
  let problem: unknown;
  for (const address of [...addresses.slice(first), ...addresses.slice(0, first)]) {
    try {
      return await attempt(address, left);
    } catch (error) {
      problem = error;
    }
  }
  throw explain(target.name, problem);
}
