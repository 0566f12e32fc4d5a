import * as z from 'zod/mini';
import { id, roomId } from './ids.js';
import type { ClientMessageType } from './message-types.js';
import { type Presence, presence } from './presence.js';
import { timestamp } from './timestamps.js';

/** What a client asks of the server itself. */
export type SystemRequest =
  | { readonly action: 'join' | 'leave'; readonly room: string }
  | { readonly action: 'ping' }
  | { readonly action: 'subscribe_presence' | 'unsubscribe_presence'; readonly userIds: readonly string[] };

interface Identifiable {
  /** The frame that answers has it too. */
  readonly id?: string | undefined;
}

/** Something for others: a room's members, one connection, or one connection of a room. At least one of both is there. */
export interface Addressed extends Identifiable {
  readonly type: 'message' | 'custom_event';
  readonly room?: string | undefined;
  /** A connection's id. */
  readonly to?: string | undefined;
  /** Any JSON. */
  readonly data: unknown;
}

/** What a client sends. The server ignores `from`, and needs no `timestamp`. */
export type ClientMessage =
  | (Identifiable & { readonly type: 'system'; readonly data: SystemRequest })
  | (Identifiable & { readonly type: 'presence'; readonly data: Presence })
  | (Identifiable & { readonly type: 'heartbeat' })
  | Addressed;

/** The shape of each client message, by type. */
export const clientMessages = /* @__PURE__ */ (() => {
  const envelope = {
    id: z.nullish(id),
    room: z.nullish(roomId),
    to: z.nullish(id),
    timestamp: z.nullish(timestamp),
  };
  const anything = z.custom<unknown>((value) => value !== undefined, { error: 'expected any JSON' });
  const request = z.discriminatedUnion(
    'action',
    [
      z.object({ action: z.enum(['join', 'leave']), room: roomId }),
      z.object({ action: z.literal('ping') }),
      z.object({ action: z.enum(['subscribe_presence', 'unsubscribe_presence']), userIds: z.array(id) }),
    ],
    { error: 'expected join, leave, ping, subscribe_presence or unsubscribe_presence' },
  );
  const addressed = { ...envelope, data: anything };
  return {
    system: z.looseObject({ ...envelope, type: z.literal('system'), data: request }),
    presence: z.looseObject({ ...envelope, type: z.literal('presence'), data: presence }),
    heartbeat: z.looseObject({ ...envelope, type: z.literal('heartbeat') }),
    message: z.looseObject({ ...addressed, type: z.literal('message') }),
    custom_event: z.looseObject({ ...addressed, type: z.literal('custom_event') }),
  } as const satisfies Record<ClientMessageType, z.ZodMiniType>;
})();
