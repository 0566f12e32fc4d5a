import { EngineOptionsError, type SessionLimits } from '@roomcast/engine';
import {
  defaultCountWindowHours,
  defaultMaxCharacters,
  defaultMaxSystems,
  idleTimeoutMs,
  type Names,
  noNames,
} from '@roomcast/killmails-protocol';
import type { HistoryOptions } from './history.js';

/** Says who a token belongs to: a name that does not reveal the token, or undefined where it is refused. */
export type VerifyToken = (token: string) => string | undefined | Promise<string | undefined>;

/** What `killmailsGateway` takes. The session limits are the engine's, with this API's values. */
export interface KillmailsGatewayOptions extends SessionLimits {
  /** Also the `<name>` of the publish API. @default 'killmails' */
  name?: string;
  /** Where the Phoenix socket is mounted; upgrades come to this and `/websocket`. @default '/socket' */
  path?: string;
  /** The API tokens, at least 8 characters each, or a function that knows them. */
  tokens: readonly string[] | VerifyToken;
  /** Lets connections in that bring no token. A wrong token is refused all the same. @default false */
  anonymous?: boolean;
  /** Systems that one connection may be subscribed to. @default 100 */
  maxSystems?: number;
  /** Characters that one connection may be subscribed to. @default `maxRooms` where that is given, else 1000 */
  maxCharacters?: number;
  /** The window in which kills are counted, in hours. @default 24 */
  countWindowHours?: number;
  /** Names for ids that a published killmail brings without. @default none are known */
  names?: Names;
  /** How much is kept for preload and the reading API. */
  history?: HistoryOptions;
  /** What an earlier process saved (`gateway.save()`). @default nothing */
  saved?: SavedState;
}

/** What must survive a restart: the counts, and the kills that are in them, so that none counts twice. */
export interface SavedState {
  readonly counts: [system: number, minutes: [minute: number, count: number][]][];
  readonly taken: readonly (readonly [id: number, system: number, minute: number])[];
}

type Defaulted = 'name' | 'path' | 'anonymous' | 'maxSystems' | 'maxCharacters' | 'countWindowHours' | 'names';

/** The options with a value for each that has a default of this API's. */
export type ResolvedOptions = KillmailsGatewayOptions &
  Required<Pick<KillmailsGatewayOptions, Defaulted | 'idleTimeoutMs' | 'pingIntervalMs'>>;

/** The values of the options that are not given. */
export const killmailsGatewayDefaults: Readonly<Omit<ResolvedOptions, 'tokens'>> = Object.freeze({
  name: 'killmails',
  path: '/socket',
  anonymous: false,
  maxSystems: defaultMaxSystems,
  maxCharacters: defaultMaxCharacters,
  countWindowHours: defaultCountWindowHours,
  names: noNames,
  idleTimeoutMs,
  pingIntervalMs: 0,
});

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveOptions(options: KillmailsGatewayOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const maxCharacters = options.maxRooms ?? killmailsGatewayDefaults.maxCharacters;
  const resolved = { ...killmailsGatewayDefaults, maxCharacters, ...given } as ResolvedOptions;
  for (const option of ['maxSystems', 'maxCharacters', 'countWindowHours'] as const) {
    const value = resolved[option];
    if (!Number.isInteger(value) || value < 1) throw new EngineOptionsError(option, 'a whole number above 0', value);
  }
  return resolved;
}
