import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { builtConsole, type ConsoleSettings, consolePage } from '@roomcast/console';
import { createHttpServer, ListenError, nodeHandler } from '@roomcast/server';
import type { DemoEnvironment, Service } from './services.js';

const defaultPort = 4000;

/** Where clients connect, and whom the page begins as. */
const entrances: Readonly<Record<string, { scheme: 'ws' | 'http'; path: string; identity: string }>> = {
  killmails: { scheme: 'ws', path: '', identity: 'token-1' },
  falcon: { scheme: 'ws', path: '/websocket/connect', identity: '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001' },
  spywatcher: { scheme: 'http', path: '', identity: '100000000000000002' },
  raffle: { scheme: 'ws', path: '/ws', identity: 'alice' },
  vmax: { scheme: 'ws', path: '/ws', identity: 'user-manager' },
};

/** The page, which listens before the servers do: they have to allow its origins. */
export interface ConsoleServer {
  readonly url: string;
  /** The servers' `ALLOWED_ORIGINS`: the caller's, and the page's under each of its names. */
  readonly allowedOrigins: string;
  /** What the page shows. */
  show(services: readonly Service[]): void;
  /** Resolves when the page can be opened; rejects when it could not be built. */
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

/** Serves the console. Throws `ListenError`. */
export async function startConsole(env: DemoEnvironment): Promise<ConsoleServer> {
  let shown: readonly Service[] = [];
  const folder = builtConsole();
  folder.catch(() => {}); // Told by `ready`.
  const page = consolePage({ folder, settings: (hostname) => settingsOf(shown, env, hostname) });
  const server = createHttpServer(nodeHandler(page));
  const host = env.HOST || '127.0.0.1';
  const port = env.PORT === '0' ? 0 : defaultPort;
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(host, port, error as NodeJS.ErrnoException);
  }
  const listensAt = (server.address() as AddressInfo).port;
  const urlOf = (name: string) => `http://${name.includes(':') ? `[${name}]` : name}:${listensAt}`;
  return {
    url: urlOf(host),
    allowedOrigins: [
      env.ALLOWED_ORIGINS || 'same-host',
      ...new Set([urlOf(host), urlOf('127.0.0.1'), urlOf('localhost')]),
    ].join(','),
    show: (services) => {
      shown = services;
    },
    ready: folder,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function settingsOf(services: readonly Service[], env: DemoEnvironment, hostname: string): ConsoleSettings {
  const { PUBLISH_TOKEN: publishToken, ADMIN_TOKEN: adminToken, METRICS_TOKEN: metricsToken } = env;
  const known = services.flatMap(({ name, server }) => {
    const entrance = entrances[name];
    if (entrance === undefined) return [];
    const { scheme, path, identity } = entrance;
    // Under the name that the page has in the browser: cookies of another name would be a third party's.
    const url = `${scheme}://${hostname}:${server.port}${path}`;
    const tokens = { publishToken, adminToken, ...(metricsToken && { metricsToken }) };
    return [[name, { url, identity, ...tokens }] as const];
  });
  return { services: Object.fromEntries(known) };
}
