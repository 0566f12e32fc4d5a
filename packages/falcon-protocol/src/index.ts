export { claims, type FalconUser, isAdmin, tokenIssuer, userOf } from './claims.js';
export { type Addressed, type ClientMessage, clientMessages, type SystemRequest } from './client-messages.js';
export { type CloseReason, closeReasons, shouldRefreshToken } from './close-reasons.js';
export { encodeClientMessage, encodeServerMessage } from './codec.js';
export { type ErrorCode, errorCodes } from './error-codes.js';
export type {
  ConnectionAnswer,
  ConnectionsAnswer,
  ProblemAnswer,
  RoomAnswer,
  RoomsAnswer,
  SentAnswer,
  StatusAnswer,
} from './http.js';
export { id, isId, isRoomId, roomId } from './ids.js';
export * from './limits.js';
export {
  type ClientMessageType,
  clientMessageTypes,
  isClientMessageType,
  isMessageType,
  type MessageType,
  messageTypes,
} from './message-types.js';
export {
  type ClientMessageRefusal,
  type ClientMessageResult,
  parseClientMessage,
} from './parse-client-message.js';
export { parseServerMessage } from './parse-server-message.js';
export { type Presence, type PresenceStatus, presence, presenceStatuses } from './presence.js';
export { type FalconEvent, parsePublishEvent, publishData, publishEvent } from './publish-event.js';
export type { Issue, Result } from './result.js';
export {
  groupRoom,
  isAssigned,
  personalRoom,
  type RoomType,
  roomSubject,
  roomTypeOf,
  roomTypes,
  threadRoom,
} from './rooms.js';
export {
  type GroupMembershipChange,
  isWelcome,
  type RoomMember,
  type RoomUpdate,
  type ServerData,
  type ServerEnvelope,
  type ServerMessage,
  type SystemAnswer,
  type SystemNotification,
  serverData,
  type UserProfileUpdate,
} from './server-messages.js';
export { momentOf, timestamp } from './timestamps.js';
