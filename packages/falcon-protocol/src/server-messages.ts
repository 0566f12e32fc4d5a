import * as z from 'zod/mini';
import { isRecord } from './json.js';
import type { MessageType } from './message-types.js';

/** A connection has come into a room, or gone. To itself and to the other members. */
export interface RoomMember {
  readonly connection_id: string;
  readonly room_id: string;
  /** Connections in the room now, on all instances. Other servers may leave it out. */
  readonly member_count?: number | undefined;
}

/** Something about a room. Publishers may have actions and fields of their own. */
export interface RoomUpdate {
  /** `member_joined` and `member_left` name a connection; `member_count` is for large rooms and does not. */
  readonly action: 'member_joined' | 'member_left' | 'member_count' | (string & Record<never, never>);
  readonly room_id?: string | undefined;
  readonly member_count?: number | undefined;
  readonly connection_id?: string | undefined;
  /** Whose connection it is. */
  readonly user_id?: string | undefined;
}

/** An answer of the server, or a word about the connection. */
export interface SystemAnswer {
  /**
   * What was asked for (`join`, `leave`, `subscribe_presence`, `unsubscribe_presence`; the type where it was no `system`),
   * `pong`, or `missed`: events were lost between instances and the present state should be loaded again.
   */
  readonly action: 'join' | 'leave' | 'pong' | 'missed' | (string & Record<never, never>);
  readonly ok?: boolean | undefined;
  /** Of `join`, `leave`, and of `missed` where only one room is concerned. */
  readonly room?: string | undefined;
}

/** Somebody's profile is another. */
export interface UserProfileUpdate {
  readonly user_id: string;
  readonly character_id?: number | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** Somebody has become a member of a group, or is none any more. */
export interface GroupMembershipChange {
  readonly user_id: string;
  readonly group_id: string;
  readonly group_name?: string | undefined;
  readonly joined: boolean;
}

/** The first frame of a connection has `connection_id` and `user_id`; an announcement has what its publisher gave it. */
export interface SystemNotification {
  readonly message?: string | undefined;
  readonly connection_id?: string | undefined;
  readonly user_id?: string | undefined;
}

/** The `data` of each server message. Whatever else a server sends in it stays. */
export interface ServerData {
  message: unknown;
  custom_event: unknown;
  notification: Readonly<Record<string, unknown>>;
  presence: {
    readonly userId: string;
    readonly status: 'online' | 'away' | 'offline' | (string & Record<never, never>);
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  };
  system: SystemAnswer;
  heartbeat: { readonly timestamp?: string | undefined };
  room_update: RoomUpdate;
  room_joined: RoomMember;
  room_left: RoomMember;
  error: { readonly message: string /** One of `errorCodes`. */; readonly code?: string | undefined };
  user_profile_update: UserProfileUpdate;
  group_membership_change: GroupMembershipChange;
  system_notification: SystemNotification;
}

/** What is around the `data` of a server message. */
export interface ServerEnvelope {
  readonly room?: string | undefined;
  /** The connection that has sent it; absent where it comes from the server or its backend. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** RFC 3339. Ours always has one. */
  readonly timestamp?: string | undefined;
  /** Of the client's message that it answers or carries on, or of the publication. */
  readonly id?: string | undefined;
}

/** A server message of one type, or, without the parameter, of any: a union that `type` tells apart. */
export type ServerMessage<Type extends MessageType = MessageType> = {
  [Each in Type]: ServerEnvelope & { readonly type: Each; readonly data: ServerData[Each] };
}[Type];

/** What a client reads of each `data`. Fields that the protocol does not know stay. */
export const serverData: { readonly [Type in MessageType]: z.ZodMiniType<ServerData[Type]> } = /* @__PURE__ */ (() => {
  const text = z.optional(z.string());
  const record = z.custom<Readonly<Record<string, unknown>>>(isRecord, { error: 'expected an object' });
  const anything = z.unknown();
  const member = z.looseObject({
    connection_id: z.string(),
    room_id: z.string(),
    member_count: z.optional(z.number()),
  });
  return {
    message: anything,
    custom_event: anything,
    notification: record,
    presence: z.looseObject({ userId: z.string(), status: z.string(), metadata: z.optional(record) }),
    system: z.looseObject({ action: z.string(), ok: z.optional(z.boolean()), room: text }),
    heartbeat: z.looseObject({ timestamp: text }),
    room_update: z.looseObject({
      action: z.string(),
      room_id: text,
      member_count: z.optional(z.number()),
      connection_id: text,
      user_id: text,
    }),
    room_joined: member,
    room_left: member,
    error: z.looseObject({ message: z.string(), code: text }),
    user_profile_update: z.looseObject({
      user_id: z.string(),
      character_id: z.optional(z.number()),
      profile: z.optional(record),
    }),
    group_membership_change: z.looseObject({
      user_id: z.string(),
      group_id: z.string(),
      group_name: text,
      joined: z.boolean(),
    }),
    system_notification: z.looseObject({ message: text, connection_id: text, user_id: text }),
  };
})();

/** Whether it is the first frame of a connection, which tells who one is. */
export function isWelcome(message: ServerMessage): message is ServerMessage<'system_notification'> & {
  readonly data: { readonly connection_id: string; readonly user_id: string };
} {
  if (message.type !== 'system_notification') return false;
  const { connection_id, user_id } = message.data;
  return connection_id !== undefined && user_id !== undefined;
}
