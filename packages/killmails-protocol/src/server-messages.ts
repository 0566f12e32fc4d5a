import * as z from 'zod/mini';
import { type Killmail, killmail } from './entities.js';

const ids = z.array(z.int());
const time = z.string();

/** What the server pushes on the channel, by event name. */
export const serverEvents = {
  killmail_update: z.looseObject({
    system_id: z.int(),
    killmails: z.array(killmail),
    timestamp: time,
    /** Earlier servers do not send it; then the kills are live. */
    preload: z.optional(z.nullable(z.boolean())),
  }),
  kill_count_update: z.looseObject({ system_id: z.int(), count: z.int(), timestamp: time }),
} as const;

/** What the server pushes to clients that asked for it in their join, by event name: an extension. */
export const optInEvents = {
  events_missed: z.looseObject({ timestamp: time }),
} as const;

/** What an ok reply carries, by the client event it answers. Earlier servers leave the list out when nothing changed. */
export const replies: { readonly [E in keyof Replies]: z.ZodMiniType<Replies[E]> } = {
  phx_join: z.looseObject({
    subscription_id: z.string(),
    subscribed_systems: ids,
    subscribed_characters: z.optional(ids),
    status: z.string(),
  }),
  subscribe_systems: z.looseObject({ subscribed_systems: z.optional(ids), message: z.optional(z.string()) }),
  unsubscribe_systems: z.looseObject({ subscribed_systems: z.optional(ids), message: z.optional(z.string()) }),
  subscribe_characters: z.looseObject({ subscribed_characters: z.optional(ids), message: z.optional(z.string()) }),
  unsubscribe_characters: z.looseObject({ subscribed_characters: z.optional(ids), message: z.optional(z.string()) }),
  get_status: z.looseObject({
    subscription_id: z.string(),
    subscribed_systems: ids,
    subscribed_characters: z.optional(ids),
    connected_at: z.optional(z.nullable(z.string())),
    user_id: z.optional(z.nullable(z.string())),
  }),
};

/** What an error reply carries. */
export const errorReply = z.looseObject({ reason: z.string() });

/** Kills of one system; `preload` tells recent ones that were asked for from live ones. */
export interface KillmailUpdate {
  readonly system_id: number;
  readonly killmails: readonly Killmail[];
  /** ISO 8601, when it was sent. */
  readonly timestamp: string;
  readonly preload: boolean;
}

/** Kills seen for one system within the counting window: the total, not the increment. */
export interface KillCountUpdate {
  readonly system_id: number;
  readonly count: number;
  /** ISO 8601, when it was sent. */
  readonly timestamp: string;
}

export type ServerEvent = keyof typeof serverEvents;

/** The payload of each server event. */
export interface ServerPayloads {
  killmail_update: KillmailUpdate;
  kill_count_update: KillCountUpdate;
}

export interface JoinReply {
  readonly subscription_id: string;
  readonly subscribed_systems: readonly number[];
  /** Only for a client that named characters. */
  readonly subscribed_characters?: readonly number[] | undefined;
  /** `connected`. */
  readonly status: string;
}

/** What a connection is subscribed to after the request; Roomcast always sends the list, other servers may not. */
export interface SystemsReply {
  readonly subscribed_systems?: readonly number[] | undefined;
  /** Present when the request changed nothing. */
  readonly message?: string | undefined;
}

export interface CharactersReply {
  readonly subscribed_characters?: readonly number[] | undefined;
  /** Present when the request changed nothing. */
  readonly message?: string | undefined;
}

export interface StatusReply {
  readonly subscription_id: string;
  readonly subscribed_systems: readonly number[];
  readonly subscribed_characters?: readonly number[] | undefined;
  /** ISO 8601. */
  readonly connected_at?: string | null | undefined;
  /** Says who, never the token. */
  readonly user_id?: string | null | undefined;
}

/** The response of the ok reply to each client event. */
export interface Replies {
  phx_join: JoinReply;
  subscribe_systems: SystemsReply;
  unsubscribe_systems: SystemsReply;
  subscribe_characters: CharactersReply;
  unsubscribe_characters: CharactersReply;
  get_status: StatusReply;
}
