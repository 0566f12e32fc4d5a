export {
  type BackOffLimits,
  type ChangeCode,
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  type Clock,
  type ConnectionChange,
  ConnectionLostError,
  ConnectionRefusedError,
  type ConnectionState,
  CredentialsRefusedError,
  ProtocolError,
  TimeoutError,
  type TokenRequest,
  type WebSocketConstructor,
  type WebSocketLike,
} from '@roomcast/client-core';
export type { EventData, EventType, Subscription, SubscriptionRequest } from '@roomcast/raffle-protocol';
export { createRaffleClient, RaffleClient } from './client.js';
export { isTakenOver, shouldReconnect, shouldRefreshToken } from './close-codes.js';
export { TooManySubscriptionsError } from './errors.js';
export type { EventOf, RaffleClientEvents, ReceivedEvent } from './events.js';
export { RaffleGrid, raffleGrid } from './grid/raffle-grid.js';
export { emptyRaffleGrid, type RaffleGridState, type RafflePhase, reduceRaffleGrid } from './grid/state.js';
export {
  type RaffleClientOptions,
  type RaffleToken,
  type RaffleTokenProvider,
  raffleClientDefaults,
} from './options.js';
