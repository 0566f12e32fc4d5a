import { isId, isMessageType, isRoomId, parsePublishEvent } from '@roomcast/falcon-protocol';
import type { Told } from './frames.js';

/** A connection has come into a room, or gone. */
export interface MemberNews {
  readonly action: 'member_joined' | 'member_left';
  readonly room: string;
  readonly connection: string;
  readonly user: string;
  /** Connections in the room then. */
  readonly count: number;
  readonly at: number;
}

/**
 * What travels between instances.
 * - `room`, `everybody`, `connection`, `followers` (of a user's presence): a message, by whom it is for.
 * - `member`: for the other members of a room.
 */
export type News =
  | { readonly for: 'room' | 'connection' | 'followers'; readonly of: string; readonly told: Told }
  | { readonly for: 'everybody'; readonly told: Told }
  | { readonly for: 'member'; readonly member: MemberNews };

/** The topic of what no room's members are meant by. Every instance follows it. */
export const commonTopic = 'everybody';

const roomPrefix = 'room:';

/** The topic by which a room's events travel. */
export const topicOf = (room: string): string => roomPrefix + room;

/** The room of a topic; undefined for the common one. */
export function roomOfTopic(topic: string): string | undefined {
  return topic.startsWith(roomPrefix) ? topic.slice(roomPrefix.length) : undefined;
}

/** News in a message of the bus, or undefined where it holds none. Never throws. */
export function parseNews(value: unknown): News | undefined {
  const news = fieldsOf(value);
  if (news.for === 'member') {
    const member = parseMember(news.member);
    return member && { for: 'member', member };
  }
  const told = parseTold(news.told);
  if (told === undefined) return undefined;
  if (news.for === 'everybody') return { for: 'everybody', told };
  const isKnown = news.for === 'room' || news.for === 'connection' || news.for === 'followers';
  return isKnown && (news.for === 'room' ? isRoomId : isId)(news.of)
    ? { for: news.for as 'room', of: news.of, told }
    : undefined;
}

/** A message of another instance, or undefined where it is none. Never throws. */
export function parseTold(value: unknown): Told | undefined {
  const { type, data, at, room, from, to, id } = fieldsOf(value);
  const isInRoom = room === undefined || isRoomId(room);
  const isWhole =
    isInRoom && isMessageType(type) && isTime(at) && [from, to, id].every((one) => one === undefined || isId(one));
  // An `error` or `system` of a client's own can't come this way, and what may be published is what may be sent on.
  if (!isWhole || !parsePublishEvent({ type, data }).ok) return undefined;
  return { type, data, at, room, from, to, id } as Told;
}

function parseMember(value: unknown): MemberNews | undefined {
  const { action, room, connection, user, count, at } = fieldsOf(value);
  if (action !== 'member_joined' && action !== 'member_left') return undefined;
  if (!isRoomId(room) || !isId(connection) || !isId(user) || typeof count !== 'number' || !isTime(at)) return undefined;
  return { action, room, connection, user, count, at };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
