import {
  type BackOffLimits,
  backOffDefaults,
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
import { acknowledgementTimeoutMs } from '@roomcast/falcon-protocol';
import { endpointOf } from './endpoint.js';

/** The public service. */
export const defaultUrl = 'wss://go.eveonline.it/websocket/connect';

export interface FalconClientOptions extends Partial<BackOffLimits> {
  /**
   * `ws://host:3000/websocket/connect`; without a path that one is taken. `http` and `https` are taken for `ws` and `wss`.
   * @default 'wss://go.eveonline.it/websocket/connect'
   */
  url?: string;
  /**
   * The token, or a function that gives it, called anew for each attempt to connect, with `{refresh: true}` after the
   * server refused the last one. It is sent as `Authorization: Bearer` where the platform lets headers be set: in Node.
   * Browsers send the cookie `falcon_auth_token` instead; there a function is the place to renew it.
   */
  token?: TokenProvider;
  /**
   * Messages that wait for the connection; more are refused with `QueueFullError`. 0: none.
   * @default 100
   */
  maxQueued?: number;
  /**
   * No more leave in any second. Half of what servers take, as a network may bring two seconds' messages at once.
   * @default 25
   */
  maxMessagesPerSecond?: number;
  /**
   * The largest message, in bytes of JSON: servers close connections that bring larger ones.
   * @default 65536
   */
  maxMessageBytes?: number;
  /**
   * How long a message that was sent waits for its acknowledgement.
   * @default 10000
   */
  acknowledgementTimeoutMs?: number;
  /**
   * How long one attempt to connect may take, token and handshake together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * A connection that held this long starts the back-off again from its first step.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How often `heartbeat` is sent.
   * @default 30000
   */
  heartbeatIntervalMs?: number;
  /**
   * A server that sends nothing for this long after a `heartbeat` is given up.
   * @default 10000
   */
  heartbeatTimeoutMs?: number;
  /** A WebSocket constructor to use instead of the platform's (in Node, `ws`). */
  WebSocket?: WebSocketConstructor;
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

export const falconClientDefaults = /* @__PURE__ */ Object.freeze({
  ...backOffDefaults,
  connectTimeoutMs: connectionDefaults.connectTimeoutMs,
  maxQueued: connectionDefaults.maxQueued,
  maxMessagesPerSecond: 25,
  maxMessageBytes: 64 * 1024,
  acknowledgementTimeoutMs,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 10_000,
});

export interface ResolvedOptions extends Readonly<Record<keyof typeof falconClientDefaults, number>> {
  readonly url: string;
  readonly token: TokenProvider | undefined;
  readonly open: SocketOpener;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveOptions(options: FalconClientOptions): ResolvedOptions {
  const { maxQueued: defaultQueued, ...defaults } = falconClientDefaults;
  const { maxQueued = defaultQueued, token } = options;
  const figures = { ...figuresOf(defaults, options), maxQueued };
  for (const name of ['maxQueued', 'maxMessagesPerSecond'] as const) {
    if (Number.isInteger(figures[name]) && figures[name] >= 0) continue;
    throw new ClientOptionsError(name, `expected a whole number, got ${figures[name]}`);
  }
  if (token !== undefined && typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
    throw new ClientOptionsError('token', 'expected a text that is not empty, or a function');
  }
  return {
    ...figures,
    url: endpointOf(options.url ?? defaultUrl),
    token,
    open: options.WebSocket ? openerOf(options.WebSocket) : openSocket,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}
