import type { UpgradeRequest } from '@roomcast/engine';
import {
  EngineOptionsError,
  type Identity,
  type MountOptions,
  type Refusal,
  type SessionLimits,
} from '@roomcast/engine';
import type { ChannelDefinition } from './channel.js';
import type { Params } from './params.js';
import type { PhoenixSocket } from './socket.js';

/** A connection that asks to be let in. */
export interface ConnectRequest extends UpgradeRequest {
  /** What the client sent as `authToken`; null without one, and always where the option `authToken` is off. */
  readonly authToken: string | null;
}

/** A connection that is let in, with what its channels will know about it. */
export interface Connected<Assigns> {
  readonly assigns: Assigns;
  readonly identity?: Identity;
}

/** Undefined refuses with HTTP 403 and an empty body, a `Refusal` (`refuse(429, 'Too many requests')`) as it says. */
export type ConnectResult<Assigns> = Connected<Assigns> | Refusal | undefined;

/** What `phoenixWire` takes. */
export interface PhoenixOptions<Assigns, Event = unknown>
  extends SessionLimits,
    Pick<MountOptions<PhoenixSocket<Assigns>, Event>, 'receive' | 'decode' | 'onGap' | 'membership'> {
  /** Unique on the engine; part of what the bus calls its topics. */
  name: string;
  /** Served at `${path}/websocket`, which official clients add themselves. @default '/socket' */
  path?: string;
  /** Decides about a connection. One that throws is answered with HTTP 500. */
  connect(params: Params, request: ConnectRequest): ConnectResult<Assigns> | Promise<ConnectResult<Assigns>>;
  /** What serves which topics: `room:lobby`, or `room:*` for all that begin with `room:`. */
  channels: Readonly<Record<string, ChannelDefinition<Assigns>>>;
  /** Takes the token that clients offer among their subprotocols (Phoenix 1.8), and answers with `phoenix`. @default false */
  authToken?: boolean;
  /**
   * Takes object and array frames on every connection and answers in the form that came last; before any, in that of
   * `vsn`. The original closes a connection with 1011 that sends the other form. @default false
   */
  objectFramesOnV2?: boolean;
  /** Channels of one connection; a join over it is refused. @default 100 */
  maxChannels?: number;
  /** Silence of the client before 1001, in milliseconds. 0: no limit. @default 60000 */
  idleTimeoutMs?: number;
  /** Between protocol pings, in milliseconds; the original sends none. 0: none. @default 0 */
  pingIntervalMs?: number;
}

/** The values that differ from the engine's, or that it does not have. */
export const phoenixDefaults = Object.freeze({
  path: '/socket',
  authToken: false,
  objectFramesOnV2: false,
  maxChannels: 100,
  idleTimeoutMs: 60_000,
  pingIntervalMs: 0,
});

export type ResolvedPhoenixOptions<Assigns, Event> = PhoenixOptions<Assigns, Event> & typeof phoenixDefaults;

/** The options with their defaults, refused by name where one makes no sense. */
export function resolvePhoenixOptions<Assigns, Event>(
  options: PhoenixOptions<Assigns, Event>,
): ResolvedPhoenixOptions<Assigns, Event> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...phoenixDefaults, ...given } as ResolvedPhoenixOptions<Assigns, Event>;
  const { path, maxChannels } = resolved;
  if (!path.startsWith('/') || path.endsWith('/')) {
    throw new EngineOptionsError('path', 'a path like "/socket", without "/websocket" and a slash at its end', path);
  }
  if (!Number.isInteger(maxChannels) || maxChannels < 1) {
    throw new EngineOptionsError('maxChannels', 'a whole number above 0', maxChannels);
  }
  return resolved;
}
