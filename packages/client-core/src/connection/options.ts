import { type BackOffLimits, backOffDefaults } from '../back-off.js';
import { type Clock, systemClock } from '../clock.js';
import { shouldReconnect } from '../close-codes.js';
import { ClientOptionsError } from '../errors.js';
import { figuresOf } from '../figures.js';
import type { TokenProvider } from '../token.js';
import type { SocketOpener, Target } from '../web-socket.js';
import type { HeartbeatOptions } from './heartbeat.js';
import type { RefusalCauses } from './refusal.js';

/** How a connection ended, or did not come about. */
export interface Ending {
  /** The WebSocket close code; 1006 where there never was a WebSocket. */
  readonly code: number;
  /** The HTTP status of a refused handshake, where the platform tells it. */
  readonly status: number | undefined;
}

/** What follows from an ending that the owner did not ask for. */
export interface ClosePolicy {
  /**
   * Whether connecting again can end otherwise. Where not, the connection has failed for good.
   * @default shouldReconnect(code)
   */
  shouldReconnect(ending: Ending): boolean;
  /**
   * Whether it takes another token. A connection whose token is a fixed text has then failed for good.
   * @default never
   */
  shouldRefreshToken(ending: Ending): boolean;
}

export interface ConnectionOptions extends Partial<BackOffLimits> {
  /** How a WebSocket is made: `openSocket` of `./open-socket`, or `openerOf(WebSocket)`. */
  open: SocketOpener;
  /** Where to connect, and the handshake's headers; called anew for each attempt, with its token. */
  target(token: string | undefined): Target | Promise<Target>;
  /** Asked anew for each attempt. */
  token?: TokenProvider | undefined;
  policy?: Partial<ClosePolicy>;
  /** What an HTTP status means as the answer to a handshake, in addition to the usual. */
  refusals?: RefusalCauses;
  /**
   * Called when the WebSocket is open; `transmit` works by then. With `'wait'` the connection is open only after
   * `accepted()` was called, with `'done'`, or without this option, at once.
   */
  authenticate?: (token: string | undefined) => 'done' | 'wait';
  heartbeat?: HeartbeatOptions;
  /**
   * Connecting again starts with the shortest wait only after a connection that held this long.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How long an attempt may take: token, handshake and authentication together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * How long the peer may take to agree to a close.
   * @default 2000
   */
  closeTimeoutMs?: number;
  /**
   * Messages that `send` keeps while the connection is not open; 0: none.
   * @default 100
   */
  maxQueued?: number;
  /**
   * `send` refuses more while this much waits in the socket, in bytes.
   * @default 1048576
   */
  maxBufferedBytes?: number;
  clock?: Clock;
  /**
   * The randomness of the back-off, 0 (inclusive) to 1 (exclusive).
   * @default Math.random
   */
  random?: () => number;
}

export const connectionDefaults = Object.freeze({
  ...backOffDefaults,
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxQueued: 100,
  maxBufferedBytes: 1024 * 1024,
});

export interface ResolvedConnectionOptions extends Readonly<Record<keyof typeof connectionDefaults, number>> {
  readonly open: SocketOpener;
  readonly target: ConnectionOptions['target'];
  readonly token: TokenProvider | undefined;
  readonly policy: ClosePolicy;
  readonly refusals: RefusalCauses | undefined;
  readonly authenticate: ConnectionOptions['authenticate'];
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveConnectionOptions(options: ConnectionOptions): ResolvedConnectionOptions {
  const { maxQueued: defaultQueued, ...defaults } = connectionDefaults;
  const { maxQueued = defaultQueued, heartbeat } = options;
  if (!Number.isInteger(maxQueued) || maxQueued < 0) {
    throw new ClientOptionsError('maxQueued', `expected a whole number from 0, got ${maxQueued}`);
  }
  if (heartbeat) figuresOf({ intervalMs: heartbeat.intervalMs, timeoutMs: heartbeat.timeoutMs }, {});
  return {
    ...figuresOf(defaults, options),
    maxQueued,
    heartbeat,
    open: options.open,
    target: options.target,
    token: options.token,
    policy: {
      shouldReconnect: ({ code }) => shouldReconnect(code),
      shouldRefreshToken: () => false,
      ...options.policy,
    },
    refusals: options.refusals,
    authenticate: options.authenticate,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}
