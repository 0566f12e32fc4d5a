import { EngineOptionsError, type SessionLimits } from '@roomcast/engine';
import {
  defaultMaxDataBytes,
  defaultMaxPresences,
  defaultMaxRooms,
  pingIntervalMs,
  presenceGraceMs,
  websocketPath,
} from '@roomcast/falcon-protocol';

/**
 * The payload of a token that is good: `jwtVerifier(…)` of `@roomcast/engine/identity` has such a function. Undefined, or
 * an error, where it is not; `CredentialsError` with the reason `unavailable` where that can't be found out now.
 */
export type VerifyToken = (token: string) => object | undefined | Promise<object | undefined>;

export interface Group {
  readonly id: string;
  readonly name?: string | undefined;
}

/**
 * Who is in which groups, and who may enter which rooms. Undefined, or an error: not to be found out now. Then nobody gets
 * in anywhere, and whoever is in stays.
 */
export interface FalconDirectory {
  /** @default the `groups` claim of the user's token */
  groupsOf?(userId: string): readonly Group[] | undefined | Promise<readonly Group[] | undefined>;
  /** Asked for thread and custom rooms. @default everybody may */
  mayEnter?(userId: string, room: string): boolean | undefined | Promise<boolean | undefined>;
}

/** What `falconGateway` takes. The session limits are the engine's, with this API's values. */
export interface FalconGatewayOptions extends SessionLimits {
  /** Also the `<name>` of the publish API. @default 'falcon' */
  name?: string;
  /** Where upgrades are taken. @default '/websocket/connect' */
  path?: string;
  verify: VerifyToken;
  /** @default what the tokens say */
  directory?: FalconDirectory;
  /** The largest `data` of a client's message, in bytes of JSON. @default 32768 */
  maxDataBytes?: number;
  /** Users whose presence one connection may follow. @default 500 */
  maxPresences?: number;
  /** How long after the last connection a user still counts as present, in milliseconds. @default 10000 */
  presenceGraceMs?: number;
}

type Defaulted =
  | 'name'
  | 'path'
  | 'directory'
  | 'maxDataBytes'
  | 'maxPresences'
  | 'presenceGraceMs'
  | 'maxRooms'
  | 'pingIntervalMs';

/** The options with a value for each that has a default of this API's. */
export type ResolvedOptions = FalconGatewayOptions & Required<Pick<FalconGatewayOptions, Defaulted>>;

/** The values of the options that are not given. */
export const falconGatewayDefaults: Readonly<Required<Pick<FalconGatewayOptions, Defaulted>>> = Object.freeze({
  name: 'falcon',
  path: websocketPath,
  directory: Object.freeze({}),
  maxDataBytes: defaultMaxDataBytes,
  maxPresences: defaultMaxPresences,
  presenceGraceMs,
  maxRooms: defaultMaxRooms,
  pingIntervalMs,
});

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveOptions(options: FalconGatewayOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...falconGatewayDefaults, ...given } as ResolvedOptions;
  for (const option of ['maxDataBytes', 'maxPresences'] as const) {
    const value = resolved[option];
    if (!Number.isSafeInteger(value) || value < 1)
      throw new EngineOptionsError(option, 'a whole number above 0', value);
  }
  const { presenceGraceMs: graceMs } = resolved;
  if (!Number.isFinite(graceMs) || graceMs < 0) {
    throw new EngineOptionsError('presenceGraceMs', 'a number, 0 or more', graceMs);
  }
  return resolved;
}
