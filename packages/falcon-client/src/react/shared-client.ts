import { createFalconClient, type FalconClient, type FalconClientOptions } from '@roomcast/falcon-client';

/** The use of a client, until it is given back. */
export interface Lease {
  readonly client: FalconClient;
  release(): void;
}

interface Shared {
  readonly client: FalconClient;
  /** The options of each provider that uses it, as they are by now. */
  readonly users: Set<() => FalconClientOptions>;
}

const shared = new Map<string, Shared>();

/** Options with the same key are the same client. Functions are new in each rendering, so what they are does not count. */
export function keyOf({ url, token }: FalconClientOptions): string {
  return JSON.stringify([url, typeof token === 'function' ? [] : token]);
}

/**
 * A client to use. It goes when nobody has used it for a moment: React takes effects back and runs them again, when a
 * component changes and always in StrictMode.
 * @param options as they were rendered last
 */
export function lease(key: string, options: () => FalconClientOptions): Lease {
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

function begin(key: string, options: FalconClientOptions): Shared {
  const users: Shared['users'] = new Set();
  const { token, ...others } = options;
  const current = (request: { refresh: boolean }) => {
    const latest = [...users].at(-1)?.().token;
    return typeof latest === 'function' ? latest(request) : (latest ?? '');
  };
  const client = createFalconClient({
    ...others,
    ...(token !== undefined && { token: typeof token === 'function' ? current : token }),
  });
  const entry = { client, users };
  shared.set(key, entry);
  return entry;
}

function endUnused(key: string, entry: Shared): void {
  if (entry.users.size > 0 || shared.get(key) !== entry) return;
  shared.delete(key);
  void entry.client.disconnect();
}
