import {
  EngineOptionsError,
  type Gap,
  type Identity,
  type Refusal,
  type SessionLimits,
  type Situation,
  type UpgradeRequest,
} from '@roomcast/engine';
import type { Socket } from 'socket.io';

/** What `socketIo` takes. The limits are the engine's, for each Engine.IO connection. */
export interface SocketIoOptions<Event = unknown> extends SessionLimits {
  /** Unique on the engine; part of what the bus calls its topics. @default 'socketio' */
  name?: string;
  /** Where Socket.IO is served. @default '/socket.io' */
  path?: string;
  /** @default ['polling', 'websocket'] */
  transports?: readonly ('polling' | 'websocket')[];
  /** Between two pings of the server, in milliseconds. @default 25000 */
  pingIntervalMs?: number;
  /** How long the answer to a ping may take, in milliseconds. @default 60000 */
  pingTimeoutMs?: number;
  /** How long a connection may be in no namespace, at its beginning and later, in milliseconds. @default 10000 */
  connectTimeoutMs?: number;
  /** How long the change from polling to WebSocket may take, in milliseconds. @default 10000 */
  upgradeTimeoutMs?: number;
  /** Pages of the allowed origins may poll with cookies; never where all origins are allowed. @default false */
  credentials?: boolean;
  /** Looks at every new connection before anything else is done for it. @default none is refused */
  guard?(request: UpgradeRequest): Refusal | undefined | Promise<Refusal | undefined>;
  /**
   * Says whose socket it is that asks to be let into a namespace: the identity that limits and `disconnect` go by. What
   * it throws or rejects with is the client's `connect_error`. @default everybody is let in, as nobody
   */
  authenticate?(socket: Socket): Identity | undefined | Promise<Identity | undefined>;
  /** The text of the `connect_error` where an identity has too many connections. @default 'Too many connections' */
  tooManyConnections?: string;
  /** The engine is about to end a connection: the last chance to send to its sockets. */
  farewell?(sockets: Iterable<Socket>, situation: Situation): void;
  /** A room was taken from a socket from outside (`mount.leaveAll`, `mount.recheck`). */
  removed?(socket: Socket, room: string): void;
  /** The topic that a room's events travel by between instances. @default the room's own */
  topicOf?(room: string, namespace: string): string;
  /** What an event of `publish` does, on this instance and on every other that wants its topic. */
  receive?(event: Event, topic: string): void;
  /** Events of another instance were lost on the way. @default a warning in the log */
  onGap?(gap: Gap): void;
  /** Checks an event of `publish` that came over the bus; undefined: it is ignored and counted. @default taken as it is */
  decode?(value: unknown): Event | undefined;
}

type Defaulted =
  | 'name'
  | 'path'
  | 'transports'
  | 'pingIntervalMs'
  | 'pingTimeoutMs'
  | 'connectTimeoutMs'
  | 'upgradeTimeoutMs'
  | 'credentials'
  | 'tooManyConnections';

export type ResolvedOptions<Event> = SocketIoOptions<Event> & Required<Pick<SocketIoOptions<Event>, Defaulted>>;

/** The values of the options that are not given. */
export const socketIoDefaults: Readonly<Required<Pick<SocketIoOptions, Defaulted>>> = Object.freeze({
  name: 'socketio',
  path: '/socket.io',
  transports: ['polling', 'websocket'] as const,
  pingIntervalMs: 25_000,
  pingTimeoutMs: 60_000,
  connectTimeoutMs: 10_000,
  upgradeTimeoutMs: 10_000,
  credentials: false,
  tooManyConnections: 'Too many connections',
});

const maxTimerMs = 2 ** 31 - 1;

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveOptions<Event>(options: SocketIoOptions<Event>): ResolvedOptions<Event> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...socketIoDefaults, ...given } as ResolvedOptions<Event>;
  for (const option of ['pingTimeoutMs', 'connectTimeoutMs', 'upgradeTimeoutMs'] as const) {
    const value = resolved[option];
    if (!Number.isInteger(value) || value < 1 || value > maxTimerMs) {
      throw new EngineOptionsError(option, `a whole number from 1 to ${maxTimerMs}`, value);
    }
  }
  const { transports, path, pingIntervalMs, credentials, origins } = resolved;
  if (!transports.length || !transports.every((one) => one === 'polling' || one === 'websocket')) {
    throw new EngineOptionsError('transports', "'polling', 'websocket' or both", transports.join());
  }
  if (!/^\/[^?#\s]*[^/?#\s]$/.test(path)) {
    throw new EngineOptionsError('path', 'a path that begins with / and ends otherwise', path);
  }
  if (!Number.isInteger(pingIntervalMs) || pingIntervalMs < 0 || pingIntervalMs > maxTimerMs) {
    throw new EngineOptionsError('pingIntervalMs', `a whole number from 0 to ${maxTimerMs}`, pingIntervalMs);
  }
  if (credentials && origins === '*') {
    throw new EngineOptionsError('credentials', "false where origins is '*'", credentials);
  }
  // Socket.IO has no way to send none: one in 24 days it is then.
  return { ...resolved, pingIntervalMs: pingIntervalMs === 0 ? maxTimerMs : pingIntervalMs };
}
