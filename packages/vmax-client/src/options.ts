import {
  type BackOffLimits,
  ClientOptionsError,
  type Clock,
  connectionDefaults,
  figuresOf,
  openerOf,
  type SocketOpener,
  systemClock,
  type TokenProvider,
  type WebSocketConstructor,
} from '@roomcast/client-core';
import { openSocket } from '@roomcast/client-core/open-socket';
import { heartbeatIntervalMs, type LoginRequest } from '@roomcast/vmax-protocol';
import type { Fetch } from './api.js';
import { type Endpoint, parseApiUrl, parseEndpoint } from './endpoint.js';

export interface VmaxClientOptions extends Partial<BackOffLimits> {
  /** `ws://host:8080` or `…/ws`; `http` and `https` are taken for `ws` and `wss`. */
  url: string;
  /**
   * The access token, or a function that gives it. The function is called anew for each attempt to connect, with
   * `{refresh: true}` after the server refused the last one; a text that is refused ends the client.
   */
  token?: TokenProvider;
  /** Instead of a token: the client logs in, renews its access when it expires, and logs in again when that fails. */
  login?: LoginRequest;
  /** Where to log in, where that is not the server of `url`: `/api/v1/auth/login` is appended. */
  apiUrl?: string;
  /**
   * How long a subscription waits to be confirmed, a ping for its answer, and a request over HTTP for its own.
   * @default 10000
   */
  requestTimeoutMs?: number;
  /**
   * How long one attempt to connect may take: token, handshake and the server's welcome together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * A connection that held this long starts the back-off again from its first step.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How often `PING` is sent.
   * @default 25000
   */
  heartbeatIntervalMs?: number;
  /**
   * A server that sends nothing at all for this long after a `PING` is given up.
   * @default 10000
   */
  heartbeatTimeoutMs?: number;
  /** A WebSocket constructor to use instead of the platform's (in Node, `ws`). */
  WebSocket?: WebSocketConstructor;
  /**
   * For login, refresh, and finding out why a connection was refused.
   * @default globalThis.fetch
   */
  fetch?: Fetch;
  /** Told what a listener throws; by default the platform reports it. */
  onListenerError?: (error: unknown, event: PropertyKey) => void;
  /**
   * The randomness of the back-off, 0 (inclusive) to 1 (exclusive).
   * @default Math.random
   */
  random?: () => number;
  /** Where the time is taken from, for tests. */
  clock?: Clock;
}

export const vmaxClientDefaults = Object.freeze({
  baseMs: connectionDefaults.baseMs,
  capMs: connectionDefaults.capMs,
  minUptimeMs: connectionDefaults.minUptimeMs,
  connectTimeoutMs: connectionDefaults.connectTimeoutMs,
  requestTimeoutMs: 10_000,
  heartbeatIntervalMs,
  heartbeatTimeoutMs: 10_000,
});

/** Where tokens come from. */
type TokenSource = { readonly token: TokenProvider } | { readonly login: LoginRequest };

export interface ResolvedOptions extends Readonly<Record<keyof typeof vmaxClientDefaults, number>> {
  readonly endpoint: Endpoint;
  readonly source: TokenSource;
  readonly open: SocketOpener;
  readonly fetch: Fetch;
  readonly random: () => number;
  readonly clock: Clock;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveOptions(options: VmaxClientOptions): ResolvedOptions {
  const endpoint = parseEndpoint(options.url);
  return {
    ...figuresOf(vmaxClientDefaults, options),
    endpoint: options.apiUrl === undefined ? endpoint : { ...endpoint, apiUrl: parseApiUrl(options.apiUrl) },
    source: sourceOf(options, endpoint.token),
    open: options.WebSocket ? openerOf(options.WebSocket) : openSocket,
    // Called as a method of another object, browsers' own refuses.
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    random: options.random ?? Math.random,
    clock: options.clock ?? systemClock,
  };
}

function sourceOf({ token, login }: VmaxClientOptions, urlToken: string | undefined): TokenSource {
  if (token !== undefined && urlToken !== undefined) throw twice('token', 'in the url');
  const given = token ?? urlToken;
  if (given !== undefined && login !== undefined) throw twice('login', 'as a token');
  if (login !== undefined) {
    const { email, password } = login;
    if (!isText(email) || !isText(password)) {
      throw new ClientOptionsError('login', 'expected {email, password}, both texts that are not empty');
    }
    return { login: { email, password } };
  }
  if (!isText(given) && typeof given !== 'function') {
    throw new ClientOptionsError('token', 'expected a text, a function, or option login instead');
  }
  return { token: given };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function twice(option: string, otherwise: string): ClientOptionsError {
  return new ClientOptionsError(option, `expected credentials once, got them here and ${otherwise}`);
}
