import {
  backOffDefaults,
  ClientOptionsError,
  type Clock,
  connectionDefaults,
  figuresOf,
  systemClock,
  type TokenRequest,
} from '@roomcast/client-core';
import { defaultMaxEventsPerSecond, socketPath } from '@roomcast/spywatcher-protocol';
import { endpointOf } from './endpoint.js';

/** A token; servers refuse connections without one. */
export type SpywatcherToken = string | null | undefined;

/**
 * A token, or where to get it: a function is called anew for each attempt to connect; `refresh` says that the server
 * refused the last one, or that it has expired.
 */
export type SpywatcherTokenProvider =
  | SpywatcherToken
  | ((request: TokenRequest) => SpywatcherToken | Promise<SpywatcherToken>);

export type Transport = 'websocket' | 'polling';

export interface SpywatcherClientOptions {
  /** `http://localhost:3001`; `ws` and `wss` are taken for `http` and `https`. */
  url: string;
  /** Travels in the handshake's `auth`, never in the URL. */
  token?: SpywatcherTokenProvider;
  /**
   * How to connect, the first one first: where it does not get through, the other one is tried. Polling becomes a
   * WebSocket when it can, if both are named.
   * @default ['websocket', 'polling']
   */
  transports?: readonly Transport[];
  /**
   * Where the server serves Socket.IO.
   * @default '/socket.io'
   */
  path?: string;
  /**
   * Whether to connect again without being asked to; otherwise the client has `failed` when a connection is lost.
   * @default true
   */
  reconnection?: boolean;
  /**
   * The ceiling of the first wait, in milliseconds; it doubles with each attempt, and a random part of it is waited.
   * @default 1000
   */
  reconnectionDelay?: number;
  /**
   * The ceiling never passes this, in milliseconds.
   * @default 5000
   */
  reconnectionDelayMax?: number;
  /**
   * A connection that held this long starts the back-off again from its first step.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How long one attempt to connect may take: token, handshake and authentication together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * After this long a server that answers subscriptions is asked again for one it did not answer.
   * @default 10000
   */
  answerTimeoutMs?: number;
  /**
   * How many events the server takes in a second; the client stays below.
   * @default 20
   */
  maxEventsPerSecond?: number;
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

const figures = Object.freeze({
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  minUptimeMs: backOffDefaults.minUptimeMs,
  connectTimeoutMs: connectionDefaults.connectTimeoutMs,
  answerTimeoutMs: 10_000,
  maxEventsPerSecond: defaultMaxEventsPerSecond,
});

export const spywatcherClientDefaults = Object.freeze({
  ...figures,
  transports: Object.freeze(['websocket', 'polling'] as const),
  path: socketPath,
  reconnection: true,
});

export interface ResolvedOptions extends Readonly<Record<keyof typeof figures, number>> {
  readonly url: string;
  readonly transports: readonly Transport[];
  readonly path: string;
  readonly reconnection: boolean;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveOptions(options: SpywatcherClientOptions): ResolvedOptions {
  const { transports, path, reconnection } = { ...spywatcherClientDefaults, ...withoutUndefined(options) };
  const resolved = figuresOf(figures, options);
  if (resolved.reconnectionDelay > resolved.reconnectionDelayMax) {
    const expectation = `expected at most reconnectionDelayMax (${resolved.reconnectionDelayMax})`;
    throw new ClientOptionsError('reconnectionDelay', `${expectation}, got ${resolved.reconnectionDelay}`);
  }
  if (!path.startsWith('/')) {
    throw new ClientOptionsError('path', `expected a path such as ${socketPath}, got ${JSON.stringify(path)}`);
  }
  return {
    ...resolved,
    url: endpointOf(options.url),
    transports: checkedTransports(transports),
    path,
    reconnection,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function checkedTransports(transports: readonly Transport[]): readonly Transport[] {
  const known: readonly unknown[] = spywatcherClientDefaults.transports;
  if (!Array.isArray(transports) || transports.length === 0 || transports.some((one) => !known.includes(one))) {
    throw new ClientOptionsError('transports', `expected a list of websocket, polling or both, got ${transports}`);
  }
  return [...new Set(transports)];
}

function withoutUndefined<Given extends object>(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;
}
