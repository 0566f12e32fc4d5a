export { type Clock, type Stop, systemClock } from './clock.js';
export { type CloseReason, closeReasons, type Situation } from './close-reasons.js';
export { Cluster, type MemberListener } from './cluster/cluster.js';
export type { Lease } from './cluster/lease.js';
export { type AnswerHandler, type Answers, type AskOptions, askTimeoutMs, type Missing } from './cluster/questions.js';
export type { Rate, RateOptions } from './cluster/rate.js';
export type { Share } from './cluster/share.js';
export type { Throttle } from './cluster/throttle.js';
export { coalesced } from './coalesced.js';
export type { Target } from './control.js';
export type { Held } from './delivery/budget.js';
export { binaryFrame, type DeliveryClass, textFrame } from './delivery/frame.js';
export { type AttachOptions, createEngine, Engine } from './engine.js';
export {
  BusDownError,
  BusFullError,
  BusRefusedError,
  CredentialsError,
  EngineOptionsError,
  MountConflictError,
  RoomcastError,
  RoomLimitError,
} from './errors.js';
export type { Gateway, Issue, ParsedEvent } from './gateway.js';
export type { Identity } from './identity/identity.js';
export { Mount, type MountOptions } from './mount.js';
export { consoleLogger, type Logger, redact, redacting, redactText, silentLogger } from './observe/logger.js';
export type { EngineStats, MountStats } from './observe/stats.js';
export { type EngineOptions, engineDefaults, type SessionLimits, sessionDefaults } from './options.js';
export { Presence, type PresenceOptions } from './presence.js';
export type { Broker, BrokerConnection, Channel, ConnectionEvents } from './publishing/broker/broker.js';
export { BrokerBus, type BrokerBusStats } from './publishing/broker/broker-bus.js';
export { type BrokerBusOptions, brokerBusDefaults } from './publishing/broker/options.js';
export type { Bus, BusStatus } from './publishing/bus.js';
export { type Fate, MemoryBroker, type MemoryBrokerOptions, MemoryBus } from './publishing/memory-bus.js';
export type { PublicationOptions } from './publishing/publication.js';
export type { Selection } from './publishing/publish.js';
export { snapshotThenLive } from './publishing/snapshot.js';
export { Standing } from './publishing/standing.js';
export type { Gap, Spread } from './publishing/topics.js';
export type { ForeignSession, ForeignSocket } from './rooms/foreign-session.js';
export type { MembershipListener } from './rooms/membership.js';
export type { JoinOptions, Newcomer, SendOptions, Session, SessionState } from './rooms/session.js';
export { ForeignMount, type ForeignMountOptions } from './sockets/foreign.js';
export { Inbox, type InboxOwner } from './sockets/inbox.js';
export { MessageRate } from './sockets/message-rate.js';
export { type OriginPolicy, originAllowed } from './sockets/origin.js';
export { Refusal, refuse } from './sockets/refusal.js';
export { addressKey, clientIp, type UpgradeRequest } from './sockets/upgrade-request.js';
export type { Acceptance, Message, Wire } from './sockets/wire.js';
