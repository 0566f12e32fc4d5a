import {
  type BackOffLimits,
  backOffDefaults,
  ClientOptionsError,
  openerOf,
  type Provider,
  type SocketOpener,
  type WebSocketConstructor,
} from '@roomcast/client-core';
import { openSocket } from '@roomcast/client-core/open-socket';
import {
  heartbeatIntervalMs,
  maxPreloadHours,
  maxPreloadPerSystem,
  parseCharacters,
  parseSystems,
} from '@roomcast/killmails-protocol';

/** Recent kills to have on every join, so also after a gap. */
export interface PreloadOptions {
  /** At most this many per system, 1 to 200; the server's default is small. */
  limitPerSystem?: number;
  /** No older than this by the kill's own time, up to 168; the server's default is a day. */
  sinceHours?: number;
}

export interface KillmailsClientOptions extends Partial<BackOffLimits> {
  /** `ws://host:4004`, `…/socket` or `…/socket/websocket`; `http` and `https` are taken for `ws` and `wss`. */
  url: string;
  /** The API token, or a function that gives it, called anew for each attempt to connect. Some servers need none. */
  token?: Provider<string>;
  /** Solar systems to follow from the start. */
  systems?: readonly number[];
  /** Characters to follow from the start, as victim or attacker. A kill that matches either list is delivered once. */
  characterIds?: readonly number[];
  /** Recent kills on every join. Without it the server decides; Roomcast sends none. */
  preload?: PreloadOptions;
  /**
   * How long a request waits for its answer.
   * @default 10000
   */
  requestTimeoutMs?: number;
  /**
   * How long one attempt to connect may take, token and handshake together.
   * @default 10000
   */
  connectTimeoutMs?: number;
  /**
   * A connection that held this long starts the back-off again from its first step.
   * @default 10000
   */
  minUptimeMs?: number;
  /**
   * How often a heartbeat is sent; servers close connections that are silent for 45 s.
   * @default 30000
   */
  heartbeatIntervalMs?: number;
  /**
   * Kills that a `for await` loop may lag behind before the oldest are dropped.
   * @default 1000
   */
  bufferSize?: number;
  /** A WebSocket constructor to use instead of the platform's (in Node, `ws`). */
  WebSocket?: WebSocketConstructor;
  /** Told what a listener throws; by default the platform reports it. */
  onListenerError?: (error: unknown, event: PropertyKey) => void;
  /**
   * The randomness of the back-off, 0 (inclusive) to 1 (exclusive).
   * @default Math.random
   */
  random?: () => number;
}

export const killmailsClientDefaults = Object.freeze({
  baseMs: backOffDefaults.baseMs,
  capMs: backOffDefaults.capMs,
  minUptimeMs: backOffDefaults.minUptimeMs,
  requestTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  heartbeatIntervalMs,
  bufferSize: 1_000,
});

export interface ResolvedOptions extends Readonly<Record<keyof typeof killmailsClientDefaults, number>> {
  readonly token: Provider<string> | undefined;
  readonly systems: readonly number[];
  readonly characterIds: readonly number[];
  /** As it goes over the wire. */
  readonly preload: object | undefined;
  readonly random: () => number;
  readonly openSocket: SocketOpener;
}

/** Fills in the defaults; throws `ClientOptionsError` for what cannot work. */
export function resolveOptions(options: KillmailsClientOptions): ResolvedOptions {
  const figures: Record<keyof typeof killmailsClientDefaults, number> = { ...killmailsClientDefaults };
  for (const name of Object.keys(figures) as (keyof typeof figures)[]) {
    figures[name] = positive(name, options[name] ?? figures[name]);
  }
  if (figures.baseMs > figures.capMs) {
    throw new ClientOptionsError('baseMs', `expected at most capMs (${figures.capMs}), got ${figures.baseMs}`);
  }
  if (!Number.isInteger(figures.bufferSize)) {
    throw new ClientOptionsError('bufferSize', `expected a whole number, got ${figures.bufferSize}`);
  }
  const { WebSocket } = options;
  return {
    ...figures,
    token: options.token,
    systems: ids('systems', options.systems ?? []),
    characterIds: ids('characterIds', options.characterIds ?? []),
    preload: options.preload && wirePreload(options.preload),
    random: options.random ?? Math.random,
    openSocket: WebSocket ? openerOf(WebSocket) : openSocket,
  };
}

/** Ids each once, or an error naming the list and what the server would say. */
export function ids(name: 'systems' | 'characterIds', value: readonly number[]): readonly number[] {
  const parsed = name === 'systems' ? parseSystems(value) : parseCharacters(value);
  if (!parsed.ok) throw new ClientOptionsError(name, `${parsed.reason}: got ${JSON.stringify(value)?.slice(0, 100)}`);
  return parsed.ids;
}

function wirePreload({ limitPerSystem, sinceHours }: PreloadOptions): object {
  return {
    enabled: true,
    limit_per_system: limitPerSystem && atMost('preload.limitPerSystem', limitPerSystem, maxPreloadPerSystem),
    since_hours: sinceHours && atMost('preload.sinceHours', sinceHours, maxPreloadHours),
  };
}

function atMost(name: string, value: number, max: number): number {
  if (value > max) throw new ClientOptionsError(name, `expected at most ${max}, got ${value}`);
  return positive(name, value);
}

function positive(name: string, value: number): number {
  if (typeof value !== 'number' || !(value > 0))
    throw new ClientOptionsError(name, `expected more than 0, got ${value}`);
  return value;
}
