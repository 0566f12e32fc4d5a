export type { WebSocketConstructor, WebSocketLike } from '@roomcast/client-core';
export {
  type BackOffLimits,
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  ConnectionLostError,
  ConnectionRefusedError,
  ProtocolError,
  type Provider,
  RequestRejectedError,
  TimeoutError,
} from '@roomcast/client-core';
export type {
  Attacker,
  Item,
  KillCountUpdate,
  Killmail,
  KillmailUpdate,
  StatusReply,
  Victim,
  Zkb,
} from '@roomcast/killmails-protocol';
export { createKillmailsClient, type KillmailsClient } from './client.js';
export type { ConnectionChange, ConnectionState } from './connection-state.js';
export { ChannelEndedError } from './errors.js';
export type { KillmailEvent, KillmailsEvents, OverflowEvent } from './events.js';
export { type KillmailsClientOptions, killmailsClientDefaults, type PreloadOptions } from './options.js';
