import { createRaffleClient, RaffleClient, type RaffleClientOptions } from '@roomcast/raffle-client';

/** A client that the application made, or the options of one that the components share and nobody has to close. */
export type RaffleSource = RaffleClient | RaffleClientOptions;

/** The use of a client, until it is given back. */
export interface Lease {
  readonly client: RaffleClient;
  release(): void;
}

interface Shared {
  readonly client: RaffleClient;
  /** The options of each component that uses it, as they are by now. */
  readonly users: Set<() => RaffleClientOptions>;
}

const shared = new Map<string, Shared>();

/** Sources with the same key are the same client. Functions are new in each rendering, so what they are does not count. */
export function keyOf(source: RaffleSource): RaffleClient | string {
  if (source instanceof RaffleClient) return source;
  return JSON.stringify([source.url, typeof source.token === 'function' ? [] : source.token]);
}

/**
 * A client to use. One that is made from options goes when nobody has used it for a moment: React takes effects back
 * and runs them again, when a component changes and always in StrictMode.
 * @param current the source as it was rendered last
 */
export function lease(key: RaffleClient | string, current: () => RaffleSource): Lease {
  if (typeof key !== 'string') return { client: key, release: () => {} };
  const options = () => current() as RaffleClientOptions;
  const entry = shared.get(key) ?? begin(key, options());
  entry.users.add(options);
  return {
    client: entry.client,
    release() {
      entry.users.delete(options);
      queueMicrotask(() => endUnused(key, entry));
    },
  };
}

function begin(key: string, options: RaffleClientOptions): Shared {
  const users: Shared['users'] = new Set();
  const { token } = options;
  const client = createRaffleClient({
    ...options,
    token:
      typeof token === 'function'
        ? (request) => {
            const latest = [...users].at(-1)?.().token;
            return typeof latest === 'function' ? latest(request) : latest;
          }
        : token,
  });
  const entry = { client, users };
  shared.set(key, entry);
  return entry;
}

function endUnused(key: string, entry: Shared): void {
  if (entry.users.size > 0 || shared.get(key) !== entry) return;
  shared.delete(key);
  void entry.client.close();
}
