import type { SessionLimits } from '@roomcast/engine';
import { defaultMaxSubscriptions, pingIntervalMs, websocketPath } from '@roomcast/vmax-protocol';

/**
 * The payload of a token that is good: `jwtVerifier(…)` of `@roomcast/engine/identity` has such a function. Undefined, or
 * an error, where it is not; `CredentialsError` with the reason `unavailable` where that can't be found out now.
 */
export type VerifyToken = (token: string) => object | undefined | Promise<object | undefined>;

/** The id of the fleet that a regulator is in; undefined where that is not known, which grants nothing. */
export type FleetLookup = (regulatorId: string) => string | undefined | Promise<string | undefined>;

/** What `vmaxGateway` takes. The session limits are the engine's, with this API's values. */
export interface VmaxGatewayOptions extends SessionLimits {
  /** Also the `<name>` of the publish API. @default 'vmax' */
  name?: string;
  /** Where upgrades are taken. @default '/ws' */
  path?: string;
  verify: VerifyToken;
  /**
   * Which fleet a regulator is in. Without it managers may subscribe to no regulator, and all events travel between
   * instances by one topic instead of one for each fleet. All instances must be alike in this. @default none
   */
  fleetOf?: FleetLookup | undefined;
}

type Defaulted = 'name' | 'path' | 'maxRooms' | 'pingIntervalMs';

/** The values of the options that are not given. */
export const vmaxGatewayDefaults: Readonly<Required<Pick<VmaxGatewayOptions, Defaulted>>> = Object.freeze({
  name: 'vmax',
  path: websocketPath,
  maxRooms: defaultMaxSubscriptions,
  pingIntervalMs,
});

export type ResolvedOptions = VmaxGatewayOptions & Required<Pick<VmaxGatewayOptions, Defaulted>>;

export function resolveOptions(options: VmaxGatewayOptions): ResolvedOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...vmaxGatewayDefaults, ...Object.fromEntries(given) } as ResolvedOptions;
}
