import * as z from 'zod/mini';
import type { Channel } from './client-messages.js';
import { type EventPayloads, events } from './entities.js';

/** The first message of a connection whose token is good. */
export interface Connected {
  /** Of this connection. */
  readonly clientId: string;
  readonly userId: string;
  readonly role: string;
  /** `fleet:<id>` of the own fleet, where the role is subscribed to it; else empty. */
  readonly subscriptions: readonly string[];
}

/** The channel of a request, repeated. Other servers may repeat more. */
export interface Subscription {
  readonly channel: Channel['channel'] | (string & Record<never, never>);
  readonly fleetId?: string | undefined;
  readonly regulatorId?: string | undefined;
}

/** The payload of each server message; `PONG` and `EVENTS_MISSED` have none. */
export interface ServerPayloads extends EventPayloads {
  CONNECTED: Connected;
  SUBSCRIBED: Subscription;
  UNSUBSCRIBED: Subscription;
  PONG: undefined;
  ERROR: { readonly message: string };
  EVENTS_MISSED: undefined;
}

export type ServerMessageType = keyof ServerPayloads;

/** A server message of one type, or, without the parameter, of any: a union that `type` tells apart. */
export type ServerMessage<Type extends ServerMessageType = ServerMessageType> = {
  [Each in Type]: {
    readonly type: Each;
    readonly payload: ServerPayloads[Each];
    /** ISO 8601 with milliseconds. */
    readonly timestamp: string;
  };
}[Type];

const subscription = z.looseObject({
  channel: z.string(),
  fleetId: z.optional(z.string()),
  regulatorId: z.optional(z.string()),
});

/** The payload of what the server sends, by type. */
export const serverPayloads: { readonly [Type in ServerMessageType]: z.ZodMiniType<ServerPayloads[Type]> } = {
  CONNECTED: z.looseObject({
    clientId: z.string(),
    userId: z.string(),
    role: z.string(),
    subscriptions: z.array(z.string()),
  }),
  SUBSCRIBED: subscription,
  UNSUBSCRIBED: subscription,
  PONG: z.undefined(),
  ERROR: z.looseObject({ message: z.string() }),
  EVENTS_MISSED: z.undefined(),
  ...events,
};

export const serverMessageTypes = Object.keys(serverPayloads) as readonly ServerMessageType[];

/** Whether a message type is one of those that a server sends. */
export function isServerMessageType(type: unknown): type is ServerMessageType {
  return typeof type === 'string' && Object.hasOwn(serverPayloads, type);
}
