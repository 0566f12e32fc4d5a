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
  type TokenRequest,
  type WebSocketConstructor,
} from '@roomcast/client-core';
import { openSocket } from '@roomcast/client-core/open-socket';
import { defaultMaxSubscriptions, pingIntervalMs } from '@roomcast/raffle-protocol';
import { endpointOf } from './endpoint.js';

/** A token; nothing, or an empty text, for a connection that gets public events only. */
export type RaffleToken = string | null | undefined;

/**
 * A token, or where to get it: a function is called anew for each attempt to connect; `refresh` says that the server
 * refused the last one.
 */
export type RaffleTokenProvider = RaffleToken | ((request: TokenRequest) => RaffleToken | Promise<RaffleToken>);

export interface RaffleClientOptions extends Partial<BackOffLimits> {
  /** `ws://host:8080/ws`; without a path `/ws` is taken. `http` and `https` are taken for `ws` and `wss`. */
  url: string;
  /** Without one, only public events arrive. It travels in a message, never in the URL. */
  token?: RaffleTokenProvider;
  /**
   * How many subscriptions the server takes.
   * @default 100
   */
  maxSubscriptions?: number;
  /**
   * How long one attempt to connect may take: token, handshake and authentication together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * A connection that held this long starts the back-off again from its first step.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How often `ping` is sent; servers close connections that send nothing for five minutes.
   * @default 30000
   */
  heartbeatIntervalMs?: number;
  /**
   * A server that sends nothing for this long after a `ping` is given up.
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

export const raffleClientDefaults = Object.freeze({
  ...backOffDefaults,
  connectTimeoutMs: connectionDefaults.connectTimeoutMs,
  heartbeatIntervalMs: pingIntervalMs,
  heartbeatTimeoutMs: 10_000,
  maxSubscriptions: defaultMaxSubscriptions,
});

export interface ResolvedOptions extends Readonly<Record<keyof typeof raffleClientDefaults, number>> {
  readonly url: string;
  readonly open: SocketOpener;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveOptions(options: RaffleClientOptions): ResolvedOptions {
  const figures = figuresOf(raffleClientDefaults, options);
  if (!Number.isInteger(figures.maxSubscriptions)) {
    throw new ClientOptionsError('maxSubscriptions', `expected a whole number, got ${figures.maxSubscriptions}`);
  }
  return {
    ...figures,
    url: endpointOf(options.url),
    open: options.WebSocket ? openerOf(options.WebSocket) : openSocket,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}
