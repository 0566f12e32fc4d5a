import { SpywatcherClient } from './client.js';
import { endpointOf } from './endpoint.js';
import type { SpywatcherClientOptions } from './options.js';

/** The use of a client, until it is given back. */
export interface Lease {
  readonly client: SpywatcherClient;
  release(): void;
}

interface Shared {
  readonly client: SpywatcherClient;
  /** The options of everybody who uses it, as they are by now. */
  readonly users: Map<object, () => SpywatcherClientOptions>;
}

const shared = new Map<string, Shared>();

/** Stands for the application itself among the users. */
const application = {};

/**
 * The application's one client of a server: every call that names the same `url` and token gives the same one, until it
 * is closed. A function as token is called as it was given last, and counts as the same token. Other options are those of
 * the first call. On a server that renders pages for several users make clients of their own instead.
 * @throws ClientOptionsError
 */
export function spywatcherClient(options: SpywatcherClientOptions): SpywatcherClient {
  return use(application, () => options).client;
}

/** What is the same for those who share a client. */
export function clientKey({ url, token }: SpywatcherClientOptions): string {
  return JSON.stringify([endpointOf(url), typeof token === 'function' ? [] : (token ?? '')]);
}

/**
 * The same client for as long as somebody needs it: for components, which come and go. It is closed when nobody has used
 * it for a moment, as frameworks take effects back and run them again; one that the application has asked for stays.
 * @param current the options as they are when it is called
 */
export function leaseSpywatcherClient(current: () => SpywatcherClientOptions): Lease {
  const key = clientKey(current());
  const user = {};
  const entry = use(user, current);
  return {
    client: entry.client,
    release() {
      entry.users.delete(user);
      queueMicrotask(() => endUnused(key, entry));
    },
  };
}

function use(user: object, current: () => SpywatcherClientOptions): Shared {
  const key = clientKey(current());
  const known = shared.get(key);
  const entry = known && known.client.state !== 'closed' ? known : begin(key, current());
  // The latest one comes last.
  entry.users.delete(user);
  entry.users.set(user, current);
  return entry;
}

function begin(key: string, options: SpywatcherClientOptions): Shared {
  const users: Shared['users'] = new Map();
  const { token } = options;
  const client = new SpywatcherClient({
    ...options,
    token:
      typeof token === 'function'
        ? (request) => {
            const latest = [...users.values()].at(-1)?.().token;
            return typeof latest === 'function' ? latest(request) : latest;
          }
        : token,
  });
  const entry = { client, users };
  shared.set(key, entry);
  return entry;
}

function endUnused(key: string, entry: Shared): void {
  if (entry.users.size > 0) return;
  if (shared.get(key) === entry) shared.delete(key);
  void entry.client.close();
}
