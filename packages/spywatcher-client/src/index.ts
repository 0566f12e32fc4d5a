export {
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
  type Listener,
  ProtocolError,
  TimeoutError,
  type TokenRequest,
} from '@roomcast/client-core';
export type {
  Analytics,
  AnalyticsUpdate,
  EventsMissed,
  GuildEventName,
  MessageNew,
  MultiClientAlert,
  PresenceUpdate,
  RoleChange,
  ServerEvents,
  UserJoin,
} from '@roomcast/spywatcher-protocol';
export { createSpywatcherClient, SpywatcherClient } from './client.js';
export { tokenRefusal } from './endings.js';
export { ServerError, SubscriptionDeniedError } from './errors.js';
export type { GuildEvent, NewsName, ReceivedEvent, RoomKind, SpywatcherClientEvents } from './events.js';
export {
  type SpywatcherClientOptions,
  type SpywatcherToken,
  type SpywatcherTokenProvider,
  spywatcherClientDefaults,
  type Transport,
} from './options.js';
export { clientKey, type Lease, leaseSpywatcherClient, spywatcherClient } from './shared-client.js';
export type { Room } from './subscriptions.js';
