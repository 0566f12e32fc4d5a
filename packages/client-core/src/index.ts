export { AsyncQueue, type AsyncQueueOptions } from './async-queue.js';
export { AttemptCounter, type BackOffLimits, backOffDefaults, backOffMs } from './back-off.js';
export { type Clock, systemClock } from './clock.js';
export { closeCodes, describeClose, shouldReconnect } from './close-codes.js';
export { Connection, type ConnectionHooks, type SendResult } from './connection/connection.js';
export { Heartbeat, type HeartbeatOptions } from './connection/heartbeat.js';
export { type ClosePolicy, type ConnectionOptions, connectionDefaults, type Ending } from './connection/options.js';
export { isHopeless, type RefusalCauses, refusalOf, withoutQuery } from './connection/refusal.js';
export {
  type ChangeCode,
  type ConnectionChange,
  type ConnectionState,
  type ConnectionStatus,
  canBecome,
  statusOf,
} from './connection/states.js';
export { type Deferred, deferred } from './deferred.js';
export { Emitter, type Listener, type ListenerErrorHandler } from './emitter.js';
export {
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  ConnectionLostError,
  ConnectionRefusedError,
  CredentialsRefusedError,
  NotConnectedError,
  ProtocolError,
  QueueFullError,
  RequestRejectedError,
  TimeoutError,
} from './errors.js';
export { figuresOf } from './figures.js';
export { type Provider, provide } from './provider.js';
export { Requests } from './requests.js';
export type { TokenProvider, TokenRequest } from './token.js';
export {
  type OpeningSocket,
  openerOf,
  type SocketOpener,
  type Target,
  type WebSocketConstructor,
  type WebSocketLike,
} from './web-socket.js';
export { Wishes } from './wishes.js';
