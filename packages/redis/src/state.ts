import type { RedisBus } from './bus.js';

/** A text that outlives the instances, and is the same for all of them. */
export interface RedisState {
  /** What was saved last; undefined where there is nothing. Rejects with `BusDownError` while the bus is down. */
  load(): Promise<string | undefined>;
  /** Replaces what was saved, at once or not at all. Rejects with `BusDownError` while the bus is down. */
  save(text: string): Promise<void>;
}

/**
 * State under a name in the Redis of a bus, at the key `roomcast.state.<name>`. Two that save at the same time replace
 * each other's: let one instance do it.
 */
export function redisState(bus: Pick<RedisBus, 'get' | 'set'>, name: string): RedisState {
  const key = `roomcast.state.${name}`;
  return {
    load: async () => (await bus.get(key)) ?? undefined,
    save: (text) => bus.set(key, text),
  };
}
