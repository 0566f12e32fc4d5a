export {
  type Activity,
  type ActivityType,
  activities,
  activityTypes,
  isActivityType,
  type Platform,
  platforms,
  platformsOf,
  type Status,
  statuses,
} from './activity.js';
export { adminRole, bannedRole, type User, user, userOf } from './claims.js';
export {
  type Ack,
  ack,
  type ClientEventName,
  clientEventNames,
  isClientEventName,
  parseClientEvent,
  type SubscriptionRequest,
} from './client-events.js';
export { connectErrors, errorTexts } from './error-texts.js';
export { id, isId } from './ids.js';
export * from './limits.js';
export { parseServerEvent, sanitise } from './parse-server-event.js';
export {
  type GuildActivity,
  type GuildEvent,
  type PublishEvent,
  type PublishedEventName,
  parsePublishEvent,
  publishedData,
  publishedEventNames,
} from './publish-event.js';
export type { Issue, Result } from './result.js';
export { analyticsRoom, guildRoom, parseRoom } from './rooms.js';
export {
  type Analytics,
  type AnalyticsUpdate,
  type EventsMissed,
  type GuildEventName,
  guildEventNames,
  isGuildEventName,
  isServerEventName,
  type MessageNew,
  type MultiClientAlert,
  type PresenceUpdate,
  type RoleChange,
  type ServerError,
  type ServerEventName,
  type ServerEvents,
  serverEvents,
  type UserJoin,
} from './server-events.js';
export type { ClientToServerEvents, ServerToClientEvents, SocketData } from './typed-events.js';
