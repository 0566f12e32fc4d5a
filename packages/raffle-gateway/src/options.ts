import { EngineOptionsError, type SessionLimits } from '@roomcast/engine';
import {
  defaultMaxSubscriptions,
  idleTimeoutMs,
  maxAuthsPerMinute,
  maxConnectionsPerUser,
  maxMessagesPerMinute,
  maxMessagesPerMinuteBeforeAuth,
  messageWindowMs,
  pingIntervalMs,
  websocketPaths,
} from '@roomcast/raffle-protocol';

/** Verifies tokens; the engine's `jwtVerifier` is one. */
export interface TokenVerifier {
  /** The claims of a token. Rejects with `CredentialsError` where it is not good. */
  verify(token: string): Promise<object>;
}

/** What `raffleGateway` takes. The session limits are the engine's, with this API's values. */
export interface RaffleGatewayOptions extends SessionLimits {
  /** Also the `<name>` of the publish API. @default 'raffle' */
  name?: string;
  /** Where upgrades are taken. @default ['/ws', '/api/v1/ws'] */
  paths?: string | readonly string[];
  /** `await jwtVerifier({ secret }, { leewaySeconds: tokenLeewaySeconds })`, or one of your own. */
  verifier: TokenVerifier;
  /** Subscriptions of one connection. @default `maxRooms` where that is given, else 100 */
  maxSubscriptions?: number;
  /** `maxMessages` of a connection that is not authenticated, never more than that. 0: no limit. @default 20 */
  maxMessagesBeforeAuth?: number;
  /** `auth` messages of one connection in a minute. @default 5 */
  maxAuthsPerMinute?: number;
  /** Writes a line to the log, at level debug, for every event. @default false */
  logEvents?: boolean;
}

type Defaulted =
  | 'name'
  | 'paths'
  | 'maxSubscriptions'
  | 'maxMessagesBeforeAuth'
  | 'maxAuthsPerMinute'
  | 'logEvents'
  | 'maxMessages'
  | 'messageWindowMs'
  | 'idleTimeoutMs'
  | 'pingIntervalMs'
  | 'maxConnectionsPerIdentity'
  | 'whenTooMany';

/** The options with a value for each that has a default of this API's. */
export type ResolvedOptions = RaffleGatewayOptions & Required<Pick<RaffleGatewayOptions, Defaulted>>;

/** The values of the options that are not given. */
export const raffleGatewayDefaults: Readonly<Omit<ResolvedOptions, 'verifier'>> = Object.freeze({
  name: 'raffle',
  paths: websocketPaths,
  maxSubscriptions: defaultMaxSubscriptions,
  maxMessagesBeforeAuth: maxMessagesPerMinuteBeforeAuth,
  maxAuthsPerMinute,
  logEvents: false,
  maxMessages: maxMessagesPerMinute,
  messageWindowMs,
  idleTimeoutMs,
  pingIntervalMs,
  maxConnectionsPerIdentity: maxConnectionsPerUser,
  whenTooMany: 'close-oldest',
});

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveOptions(options: RaffleGatewayOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const maxSubscriptions = options.maxRooms ?? raffleGatewayDefaults.maxSubscriptions;
  const resolved = { ...raffleGatewayDefaults, maxSubscriptions, ...given } as ResolvedOptions;
  for (const option of ['maxSubscriptions', 'maxAuthsPerMinute'] as const) {
    const value = resolved[option];
    if (!Number.isInteger(value) || value < 1) throw new EngineOptionsError(option, 'a whole number above 0', value);
  }
  const { maxMessagesBeforeAuth } = resolved;
  if (!Number.isInteger(maxMessagesBeforeAuth) || maxMessagesBeforeAuth < 0) {
    throw new EngineOptionsError('maxMessagesBeforeAuth', 'a whole number, 0 or more', maxMessagesBeforeAuth);
  }
  const { maxMessages } = resolved;
  return maxMessages === 0
    ? resolved
    : { ...resolved, maxMessagesBeforeAuth: Math.min(maxMessagesBeforeAuth, maxMessages) };
}
