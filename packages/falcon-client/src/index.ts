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
  CredentialsRefusedError,
  NotConnectedError,
  ProtocolError,
  QueueFullError,
  TimeoutError,
  type TokenProvider,
  type TokenRequest,
  type WebSocketConstructor,
  type WebSocketLike,
} from '@roomcast/client-core';
export {
  type Addressed,
  type ClientMessage,
  type ErrorCode,
  groupRoom,
  isId,
  isWelcome,
  type MessageType,
  type Presence,
  type PresenceStatus,
  personalRoom,
  type ServerData,
  type ServerMessage,
  threadRoom,
} from '@roomcast/falcon-protocol';
export { createFalconClient, type FalconClient, type Welcome } from './client.js';
export { shouldRefreshToken } from './close-codes.js';
export type { ConnectionState } from './connection-state.js';
export { MessageRejectedError } from './errors.js';
export type { FalconClientEvents, Gap } from './events.js';
export { defaultUrl, type FalconClientOptions, falconClientDefaults } from './options.js';
export { randomId } from './outgoing.js';
export type { PresenceOf } from './presences.js';
export type { RoomHold } from './rooms.js';
