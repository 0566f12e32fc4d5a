export {
  type BackOffLimits,
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  type ConnectionChange,
  ConnectionLostError,
  ConnectionRefusedError,
  type ConnectionState,
  type ConnectionStatus,
  CredentialsRefusedError,
  NotConnectedError,
  ProtocolError,
  RequestRejectedError,
  TimeoutError,
  type TokenProvider,
  type TokenRequest,
  type WebSocketConstructor,
  type WebSocketLike,
} from '@roomcast/client-core';
export type {
  Connected,
  FleetUpdated,
  RegulatorCheckedIn,
  RegulatorCheckedOut,
  RegulatorStatusChanged,
  ServerMessage,
  ServerMessageType,
  ServerPayloads,
  TelemetryReceived,
} from '@roomcast/vmax-protocol';
export { createVmaxClient, type VmaxClient } from './client.js';
export { ApiError, OvertakenError, ServerError } from './errors.js';
export type { VmaxListeners } from './events.js';
export { type VmaxClientOptions, vmaxClientDefaults } from './options.js';
