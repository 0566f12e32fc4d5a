import {
  type Acceptance,
  type CloseReason,
  type Identity,
  type Logger,
  type Message,
  type Refusal,
  refuse,
  type Situation,
  type UpgradeRequest,
  type Wire,
} from '@roomcast/engine';
import {
  type Addressed,
  type ClientMessage,
  closeReasons,
  type FalconUser,
  notifyMissedParameter,
  type Presence,
  parseClientMessage,
  type SystemRequest,
} from '@roomcast/falcon-protocol';
import type { Authentication } from './authentication.js';
import { Client, type FalconSession } from './client.js';
import type { Direct } from './direct.js';
import type { Replies, Told } from './frames.js';
import type { Presences } from './presences.js';
import type { Rooms } from './rooms.js';

/** What the wire needs of the gateway. */
export interface WireContext {
  readonly authentication: Authentication;
  readonly rooms: Rooms;
  readonly presences: Presences;
  readonly direct: Direct;
  readonly replies: Replies;
  readonly logger: Logger;
  readonly maxDataBytes: number;
  readonly maxPresences: number;
  now(): number;
  /** A connection is there, or is gone. */
  opened(session: FalconSession): void;
  closed(session: FalconSession): void;
  /** Tells all members of a room, on all instances. */
  publish(room: string, told: Told): void;
}

type Identified = { readonly id?: string | undefined };

/** How this API tells why the engine ends a connection. */
const farewells: Partial<Record<Situation, CloseReason>> = {
  expired: closeReasons.tokenExpired,
  idle: closeReasons.idle,
  unresponsive: closeReasons.unresponsive,
  tooManyMessages: closeReasons.tooManyMessages,
  tooManyConnections: closeReasons.tooManyConnections,
  disconnected: closeReasons.disconnected,
  failure: closeReasons.failure,
  restart: closeReasons.restart,
  slow: closeReasons.slow,
};

const unauthorized = refuse(401, 'Unauthorized', { 'WWW-Authenticate': 'Bearer' });
const notInRoom = ['not_in_room', 'you are not in this room: join it first'] as const;
const unavailable = refuse(503, 'Authentication unavailable', { 'Retry-After': '5' });

/** The conversation with one client. Each of its messages is answered, where it has an id, by a frame with that id. */
export class FalconWire implements Wire<Client> {
  constructor(readonly context: WireContext) {}

  async accept({ headers, query }: UpgradeRequest): Promise<Acceptance<Client> | Refusal> {
    const result = await this.context.authentication.of(headers);
    if (!result.ok) return result.reason === 'refused' ? unauthorized : unavailable;
    const notifyMissed = query.get(notifyMissedParameter) === 'true';
    return { data: new Client(result.user, notifyMissed), identity: identityOf(result.user) };
  }

  async open(session: FalconSession): Promise<void> {
    const { replies, rooms, opened, logger } = this.context;
    const { user } = session.data;
    const data = { message: 'Connected to WebSocket', connection_id: session.id, user_id: user.userId };
    replies.send(session, 'system_notification', data);
    opened(session);
    logger.debug({ session: session.id, user: user.userId, ip: session.ip }, 'connected');
    await rooms.assign(session);
  }

  message(session: FalconSession, message: Message): void | Promise<void> {
    const { replies, maxDataBytes, now } = this.context;
    if (typeof message !== 'string') {
      replies.refuse(session, undefined, 'invalid_message', 'expected a text message, got a binary one');
      return undefined;
    }
    const parsed = parseClientMessage(message, maxDataBytes);
    if (!parsed.ok) {
      replies.refuse(session, parsed.id, parsed.code, parsed.message);
      return undefined;
    }
    const request: ClientMessage = parsed.message;
    switch (request.type) {
      case 'heartbeat':
        replies.send(session, 'heartbeat', { timestamp: new Date(now()).toISOString() }, { id: request.id });
        return undefined;
      case 'system':
        return this.#system(session, request, request.data);
      case 'presence':
        this.#presence(session, request, request.data);
        return undefined;
      default:
        return request.to === undefined ? this.#toRoom(session, request) : this.#toConnection(session, request);
    }
  }

  close(session: FalconSession, { code, reason }: CloseReason): void {
    const { presences, closed, logger } = this.context;
    const { data } = session;
    for (const userId of data.follows) presences.unfollow(session, userId);
    closed(session);
    data.depart?.();
    logger.debug({ session: session.id, user: data.user.userId, code, reason }, 'disconnected');
  }

  farewell(_session: FalconSession, situation: Situation): CloseReason | undefined {
    return farewells[situation];
  }

  #system(session: FalconSession, { id }: Identified, request: SystemRequest): void | Promise<void> {
    const { replies, rooms } = this.context;
    switch (request.action) {
      case 'ping':
        replies.send(session, 'system', { action: 'pong', ok: true }, { id });
        return undefined;
      case 'join':
        return this.#enter(session, id, request.room);
      case 'leave': {
        const refusal = rooms.leave(session, request.room);
        if (refusal === undefined) replies.acknowledge(session, id, 'leave', request.room);
        else replies.refuse(session, id, ...refusal);
        return undefined;
      }
      case 'subscribe_presence':
        this.#follow(session, id, new Set(request.userIds));
        return undefined;
      case 'unsubscribe_presence':
        for (const userId of request.userIds) this.context.presences.unfollow(session, userId);
        replies.acknowledge(session, id, request.action);
        return undefined;
    }
  }

  async #enter(session: FalconSession, id: string | undefined, room: string): Promise<void> {
    const { replies, rooms } = this.context;
    const refusal = await rooms.enter(session, room);
    if (refusal === undefined) replies.acknowledge(session, id, 'join', room);
    else replies.refuse(session, id, ...refusal);
  }

  #follow(session: FalconSession, id: string | undefined, userIds: ReadonlySet<string>): void {
    const { replies, presences, maxPresences } = this.context;
    const { follows } = session.data;
    const more = [...userIds].filter((userId) => !follows.has(userId));
    if (follows.size + more.length > maxPresences) {
      replies.refuse(session, id, 'too_many_presences', `expected at most ${maxPresences} users`);
      return;
    }
    for (const userId of userIds) {
      presences.follow(session, userId);
      replies.send(session, 'presence', presences.of(userId));
    }
    replies.acknowledge(session, id, 'subscribe_presence');
  }

  #presence(session: FalconSession, { id }: Identified, presence: Presence): void {
    const { replies, presences } = this.context;
    if (presence.userId !== session.data.user.userId) {
      replies.refuse(session, id, 'forbidden_user', 'data.userId: expected your own');
      return;
    }
    presences.say(presence);
    replies.acknowledge(session, id, 'presence');
  }

  #toRoom(session: FalconSession, { type, room = '', data, id }: Addressed): void {
    const { replies, publish, now } = this.context;
    // The copy that its sender gets, like every other member, is the acknowledgement.
    if (session.rooms.has(room)) publish(room, { type, room, from: session.id, data, at: now(), id });
    else replies.refuse(session, id, ...notInRoom);
  }

  async #toConnection(session: FalconSession, message: Addressed): Promise<void> {
    const { replies, direct } = this.context;
    const { type, room, to, id } = message;
    if (room !== undefined && !session.rooms.has(room)) {
      replies.refuse(session, id, ...notInRoom);
      return;
    }
    const refusal = await direct.send(session, message);
    if (refusal !== undefined) replies.refuse(session, id, ...refusal);
    // Who writes to itself has the copy.
    else if (to !== session.id) replies.acknowledge(session, id, type);
  }
}

function identityOf({ userId, expiresAt }: FalconUser): Identity {
  return { id: userId, expiresAt };
}
