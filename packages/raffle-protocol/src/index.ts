export { accessClaims, isStaff, type Role, roles, type User, userOf } from './claims.js';
export {
  type ClientData,
  type ClientMessage,
  type ClientMessageResult,
  type ClientMessageType,
  clientMessages,
  parseClientMessage,
} from './client-messages.js';
export { type CloseReason, closeReasons, refusals } from './close-reasons.js';
export { type ConnectionStats, connectionStats } from './connection-stats.js';
export {
  type EventData,
  type EventType,
  eventFields,
  eventTypes,
  type FieldKind,
  type FieldTypes,
  isEventType,
  isPrivate,
  type PrivateEvent,
  privateEventTypes,
  type RaffleEvent,
  raffleRoom,
} from './events.js';
export { type Filter, filterFields, filters, filterValues, matches, roomsOf } from './filters.js';
export * from './limits.js';
export { parsePublishEvent, publishEvent } from './publish-event.js';
export type { Issue, Result } from './result.js';
export { parseServerMessage, type ServerData, type ServerMessage, type ServerMessageType } from './server-messages.js';
export { type Subscription, type SubscriptionList, type SubscriptionRequest, subscription } from './subscription.js';
