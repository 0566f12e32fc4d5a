export {
  type ClientEvent,
  type ClientMessage,
  type ClientMessageResult,
  type ClientPayload,
  clientMessages,
  type Preload,
  parseClientMessage,
} from './client-messages.js';
export { type CloseReason, closeReasons, refusals } from './close-reasons.js';
export {
  type Attacker,
  attacker,
  type Item,
  type Killmail,
  killmail,
  type Party,
  type Victim,
  victim,
  type WireKillmail,
  type Zkb,
  zkb,
} from './entities.js';
export {
  besideKillmail,
  documentedKillmail,
  esiKillmail,
  type KillmailForm,
  type ParsedKillmail,
  parseKillmail,
} from './input.js';
export * from './limits.js';
export { type Names, noNames } from './names.js';
export {
  type ParsedUpdate,
  parseKillCountUpdate,
  parseKillmailUpdate,
  parseReply,
  reasonOf,
} from './parse-server-message.js';
export { reasons, unchanged } from './reasons.js';
export type { Issue, Result } from './result.js';
export {
  type CharactersReply,
  errorReply,
  type JoinReply,
  type KillCountUpdate,
  type KillmailUpdate,
  optInEvents,
  type Replies,
  replies,
  type ServerEvent,
  type ServerPayloads,
  type StatusReply,
  type SystemsReply,
  serverEvents,
} from './server-messages.js';
export { type IdList, parseCharacters, parseSystems } from './systems.js';
export { toKillmail } from './to-killmail.js';
