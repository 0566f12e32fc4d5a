import * as z from 'zod/mini';
import { defaultPreloadHours, defaultPreloadPerSystem, maxPreloadHours, maxPreloadPerSystem } from './limits.js';
import { reasons } from './reasons.js';
import { parseCharacters, parseSystems } from './systems.js';

const ids = z.array(z.int());
const preload = z.looseObject({
  enabled: z.optional(z.boolean()),
  limit_per_system: z.optional(z.int().check(z.positive())),
  since_hours: z.optional(z.number().check(z.positive())),
});

/** What a client sends on the channel, by event name. */
export const clientMessages = {
  phx_join: z.looseObject({
    systems: z.optional(ids),
    character_ids: z.optional(ids),
    preload: z.optional(preload),
    /** An extension: asks for `events_missed`. */
    notify_missed: z.optional(z.boolean()),
  }),
  subscribe_systems: z.looseObject({ systems: ids }),
  unsubscribe_systems: z.looseObject({ systems: ids }),
  subscribe_characters: z.looseObject({ character_ids: ids }),
  unsubscribe_characters: z.looseObject({ character_ids: ids }),
  get_status: z.looseObject({}),
} as const;

export type ClientEvent = keyof typeof clientMessages;

/** The payload of each client event as a client may write it. */
export type ClientPayload<E extends ClientEvent> = z.infer<(typeof clientMessages)[E]>;

/** Recent kills asked for on join, within the protocol's limits. */
export interface Preload {
  readonly limitPerSystem: number;
  readonly sinceHours: number;
}

/** A client message after checking: lists without repetition, every field in its place. */
export type ClientMessage =
  | {
      readonly event: 'phx_join';
      readonly systems: readonly number[];
      readonly characters: readonly number[];
      /** Whether the client named characters at all, even none: only then the reply speaks of them. */
      readonly asksForCharacters: boolean;
      readonly preload: Preload | undefined;
      /** Asks to be told when kills may have been missed. */
      readonly notifyMissed?: true;
    }
  | { readonly event: 'subscribe_systems' | 'unsubscribe_systems'; readonly systems: readonly number[] }
  | { readonly event: 'subscribe_characters' | 'unsubscribe_characters'; readonly characters: readonly number[] }
  | { readonly event: 'get_status' };

export type ClientMessageResult =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly reason: string };

/** Checks what a client sent on the channel. Never throws; a refusal carries the text of the error reply. */
export function parseClientMessage(event: unknown, payload: unknown): ClientMessageResult {
  if (typeof event !== 'string' || !isClientEvent(event)) return refused(reasons.unknownEvent);
  if (!isRecord(payload)) return refused(reasons.invalidPayload);
  switch (event) {
    case 'phx_join':
      return parseJoin(payload);
    case 'subscribe_systems':
    case 'unsubscribe_systems': {
      const systems = parseSystems(payload.systems);
      return systems.ok ? { ok: true, message: { event, systems: systems.ids } } : systems;
    }
    case 'subscribe_characters':
    case 'unsubscribe_characters': {
      const characters = parseCharacters(charactersIn(payload));
      return characters.ok ? { ok: true, message: { event, characters: characters.ids } } : characters;
    }
    case 'get_status':
      return { ok: true, message: { event } };
  }
}

function parseJoin(payload: Record<string, unknown>): ClientMessageResult {
  const systems = parseSystems(payload.systems ?? []);
  if (!systems.ok) return systems;
  const named = charactersIn(payload);
  const characters = parseCharacters(named ?? []);
  if (!characters.ok) return characters;
  const wanted = preload.safeParse(payload.preload ?? { enabled: false });
  if (!wanted.success) return refused(reasons.invalidPreload);
  return {
    ok: true,
    message: {
      event: 'phx_join',
      systems: systems.ids,
      characters: characters.ids,
      asksForCharacters: named !== undefined && named !== null,
      preload: preloadOf(wanted.data),
      ...(payload.notify_missed === true && { notifyMissed: true }),
    },
  };
}

/** Later servers read `character_ids`, earlier ones and their example client `characters`. */
function charactersIn(payload: Record<string, unknown>): unknown {
  return payload.character_ids ?? payload.characters;
}

function preloadOf(wanted: z.infer<typeof preload>): Preload | undefined {
  if (wanted.enabled === false) return undefined;
  return {
    limitPerSystem: Math.min(wanted.limit_per_system ?? defaultPreloadPerSystem, maxPreloadPerSystem),
    sinceHours: Math.min(wanted.since_hours ?? defaultPreloadHours, maxPreloadHours),
  };
}

function isClientEvent(event: string): event is ClientEvent {
  return Object.hasOwn(clientMessages, event);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(reason: string): ClientMessageResult {
  return { ok: false, reason };
}
