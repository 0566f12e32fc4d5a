import { isUtf8 } from 'node:buffer';
import {
  type Acceptance,
  type CloseReason,
  CredentialsError,
  type Identity,
  type Logger,
  type Message,
  RoomLimitError,
  type Situation,
  textFrame,
  type UpgradeRequest,
  type Wire,
} from '@roomcast/engine';
import {
  type Channel,
  type Claims,
  closeReasons,
  encodeServerMessage,
  errorTexts,
  notifyMissedParameter,
  parseClaims,
  parseClientMessage,
  type ServerMessageType,
  type ServerPayloads,
  tokenParameter,
} from '@roomcast/vmax-protocol';
import type { Access } from './access.js';
import { type Client, Member, type VmaxSession } from './member.js';
import type { VerifyToken } from './options.js';
import type { RegulatorRooms } from './regulator-rooms.js';
import { channelOf, fleetRoom, roomOf } from './rooms.js';

export interface VmaxWireOptions {
  verify: VerifyToken;
  access: Access;
  regulators: RegulatorRooms;
  /** The topic by which a fleet's events travel. */
  topicOf(fleetId: string): string;
  /** Gives a session its identity. False when it is being closed instead. */
  identify(session: VmaxSession, identity: Identity): boolean;
  logger: Logger;
  now(): number;
}

/** The conversation with one client: who it is, what it wishes to hear, and that it is still there. */
export class VmaxWire implements Wire<Client> {
  constructor(readonly options: VmaxWireOptions) {}

  /** Lets everybody in: a client is told over the WebSocket what is wrong with its token. */
  accept({ query }: UpgradeRequest): Acceptance<Client> {
    const notifyMissed = query.get(notifyMissedParameter) === 'true';
    return { data: { state: 'arriving', token: query.get(tokenParameter) ?? '', notifyMissed } };
  }

  async open(session: VmaxSession): Promise<void> {
    const { data } = session;
    if (data.state !== 'arriving') return;
    if (data.token === '') {
      this.#turnAway(session, errorTexts.authenticationRequired, closeReasons.authenticationRequired);
      return;
    }
    const claims = await this.#claimsOf(data.token);
    if (claims === undefined) {
      this.#turnAway(session, errorTexts.invalidToken, closeReasons.invalidToken);
      return;
    }
    const member = new Member(claims, data.notifyMissed);
    session.data = { state: 'member', member };
    if (this.options.identify(session, member.identity)) await this.#welcome(session, member);
  }

  message(session: VmaxSession, message: Message): void | Promise<void> {
    const { data } = session;
    if (data.state !== 'member') return undefined;
    const text = textOf(message);
    const parsed = text === undefined ? undefined : parseClientMessage(text);
    if (parsed?.ok !== true) {
      this.#error(session, parsed?.error ?? errorTexts.invalidFormat);
      return undefined;
    }
    switch (parsed.message.type) {
      case 'PING':
        this.#reply(session, 'PONG', undefined);
        return undefined;
      case 'SUBSCRIBE':
        return this.#subscribe(session, data.member, parsed.message.payload);
      case 'UNSUBSCRIBE':
        session.leave(roomOf(parsed.message.payload));
        this.#reply(session, 'UNSUBSCRIBED', parsed.message.payload);
        return undefined;
    }
  }

  removed(session: VmaxSession, room: string): void {
    this.#reply(session, 'UNSUBSCRIBED', channelOf(room));
  }

  farewell(session: VmaxSession, situation: Situation): CloseReason | undefined {
    if (situation !== 'expired') return undefined;
    this.#error(session, errorTexts.invalidToken);
    return closeReasons.invalidToken;
  }

  /** Undefined where the token is bad. */
  async #claimsOf(token: string): Promise<Claims | undefined> {
    try {
      return parseClaims(await this.options.verify(token));
    } catch (error) {
      if (!(error instanceof CredentialsError)) this.options.logger.warn({ err: error }, 'verifying a token failed');
      // Nothing is known against the token: its holder shall come back with it, not ask for another.
      else if (error.reason === 'unavailable') throw error;
      return undefined;
    }
  }

  /** `CONNECTED` is the first message, and the subscription it tells of is in force when it is sent. */
  async #welcome(session: VmaxSession, { claims, grant }: Member): Promise<void> {
    const { userId, role, fleetId } = claims;
    const subscriptions: string[] = [];
    session.holdEvents();
    try {
      if (grant.autoSubscribed && fleetId !== null) {
        const room = fleetRoom(fleetId);
        await session.join(room, { topic: this.options.topicOf(fleetId), assigned: true });
        subscriptions.push(room);
      }
      this.#reply(session, 'CONNECTED', { clientId: session.id, userId, role, subscriptions });
    } finally {
      session.resumeEvents();
    }
  }

  async #subscribe(session: VmaxSession, member: Member, channel: Channel): Promise<void> {
    try {
      const refused = await (channel.channel === 'fleet'
        ? this.#joinFleet(session, member, channel.fleetId)
        : this.#joinRegulator(session, member, channel.regulatorId));
      if (refused === undefined) this.#reply(session, 'SUBSCRIBED', channel);
      else this.#error(session, refused);
    } catch (error) {
      if (!(error instanceof RoomLimitError)) throw error;
      this.#error(session, errorTexts.tooManySubscriptions(error.limit));
    }
  }

  /** The text of the error where it may not. A session that has closed meanwhile joins nothing and is told nothing. */
  async #joinFleet(session: VmaxSession, member: Member, fleetId: string): Promise<string | undefined> {
    if (!this.options.access.mayHearFleet(member, fleetId)) return errorTexts.forbiddenFleet;
    await session.join(fleetRoom(fleetId), { topic: this.options.topicOf(fleetId) });
    return undefined;
  }

  async #joinRegulator(session: VmaxSession, member: Member, regulatorId: string): Promise<string | undefined> {
    const { allowed, fleetId } = await this.options.access.regulator(member, regulatorId);
    if (!allowed) return errorTexts.forbiddenRegulator;
    await this.options.regulators.join(session, regulatorId, fleetId);
    return undefined;
  }

  #turnAway(session: VmaxSession, message: string, reason: CloseReason): void {
    this.#error(session, message);
    session.close(reason);
  }

  #error(session: VmaxSession, message: string): void {
    this.#reply(session, 'ERROR', { message });
  }

  #reply<Type extends ServerMessageType>(session: VmaxSession, type: Type, payload: ServerPayloads[Type]): void {
    session.reply(textFrame(encodeServerMessage(type, payload, this.options.now())));
  }
}

/** Binary messages count as text in UTF-8; undefined where the bytes are none. */
function textOf(message: Message): string | undefined {
  if (typeof message === 'string') return message;
  return isUtf8(message) ? message.toString('utf8') : undefined;
}
