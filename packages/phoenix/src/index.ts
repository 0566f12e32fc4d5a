export { type BroadcastOptions, eventEncoder } from './broadcast.js';
export type { Channel, ChannelDefinition, LeaveReason } from './channel.js';
export { UnencodableError } from './errors.js';
export {
  type Connected,
  type ConnectRequest,
  type ConnectResult,
  type PhoenixOptions,
  phoenixDefaults,
} from './options.js';
export type { Param, Params } from './params.js';
export { EncodedJson } from './payload.js';
export { Phoenix, phoenixWire } from './phoenix.js';
export {
  type Answer,
  error,
  type HandlerResult,
  type JoinResult,
  ok,
  reply,
  type Stop,
  type StopReason,
  stop,
} from './results.js';
export type { Dialect } from './serializer.js';
export type { PhoenixSocket } from './socket.js';
