export { type Claims, parseClaims } from './claims.js';
export {
  type Channel,
  type ClientMessage,
  type ClientMessageResult,
  type ClientMessageType,
  channel,
  clientMessages,
  parseClientMessage,
} from './client-messages.js';
export { type CloseReason, closeReasons, shouldReconnect, shouldRefreshToken } from './close-reasons.js';
export { encodeClientMessage, encodeServerMessage } from './codec.js';
export {
  type EventPayloads,
  type EventType,
  events,
  eventTypes,
  type FleetUpdated,
  isEventType,
  isForRegulatorChannel,
  type RegulatorCheckedIn,
  type RegulatorCheckedOut,
  type RegulatorStatusChanged,
  type TelemetryReceived,
} from './entities.js';
export { errorTexts } from './error-texts.js';
export {
  type ErrorAnswer,
  errorAnswer,
  type HttpErrorCode,
  httpErrors,
  loginPath,
  refreshPath,
  type SessionAnswer,
  sessionAnswer,
  type User,
  user,
} from './http.js';
export {
  type Checked,
  type FieldProblem,
  type LoginRequest,
  loginRequest,
  parseLogin,
  parseRefresh,
  type RefreshRequest,
  refreshRequest,
} from './http-requests.js';
export { id, isId } from './ids.js';
export * from './limits.js';
export { parseServerMessage } from './parse-server-message.js';
export { batchTelemetry, type FleetEvent, parsePublishEvent, publishPayloads } from './publish-event.js';
export type { Issue, Result } from './result.js';
export { accessMatrix, type Grant, grantOf, type Role, roles } from './roles.js';
export {
  type Connected,
  isServerMessageType,
  type ServerMessage,
  type ServerMessageType,
  type ServerPayloads,
  type Subscription,
  serverMessageTypes,
  serverPayloads,
} from './server-messages.js';
export { type AnyStatus, type RegulatorStatus, regulatorStatus, regulatorStatuses } from './statuses.js';
