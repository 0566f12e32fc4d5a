import * as z from 'zod/mini';
import { isId } from './ids.js';

/** What a client sends: a guild id, and where it wants to know how it went a callback. */
export const clientEventNames = [
  'subscribe:analytics',
  'unsubscribe:analytics',
  'subscribe:guild',
  'unsubscribe:guild',
] as const;

export type ClientEventName = (typeof clientEventNames)[number];

/** Whether it is the name of an event that a client may send. */
export function isClientEventName(value: unknown): value is ClientEventName {
  return (clientEventNames as readonly unknown[]).includes(value);
}

/** What the callback of a subscription is given. An unsubscription from what can be no guild is refused without words. */
export const ack = /* @__PURE__ */ (() =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true) }),
    z.object({ ok: z.literal(false), message: z.optional(z.string()) }),
  ]))();

export type Ack = z.infer<typeof ack>;

/** A client's event, checked. */
export interface SubscriptionRequest {
  readonly action: 'subscribe' | 'unsubscribe';
  readonly room: 'analytics' | 'guild';
  /** Undefined where what came can be no guild's id. */
  readonly guildId: string | undefined;
}

/** Reads a client's event and its first argument. Undefined for an event that clients do not send. Never throws. */
export function parseClientEvent(name: unknown, guildId: unknown): SubscriptionRequest | undefined {
  if (!isClientEventName(name)) return undefined;
  const [action, room] = name.split(':') as ['subscribe' | 'unsubscribe', 'analytics' | 'guild'];
  return { action, room, guildId: isId(guildId) ? guildId : undefined };
}
