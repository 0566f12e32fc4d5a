import {
  type Acceptance,
  type CloseReason,
  type Identity,
  type Logger,
  type Message,
  MessageRate,
  type Session,
  type Situation,
  type Wire,
} from '@roomcast/engine';
import { closeReasons, isStaff, parseClientMessage, type SubscriptionList } from '@roomcast/raffle-protocol';
import type { Audience } from './audience.js';
import { type Authenticated, authenticate, type Refused, refused } from './authentication.js';
import { Client, type RaffleSession } from './client.js';
import { Complaints } from './complaints.js';
import { Pongs } from './frames.js';
import type { ResolvedOptions } from './options.js';
import type { Users } from './users.js';

const minuteMs = 60_000;
/** Lines in ten seconds about refused tokens, and about subscriptions that were skipped. */
const maxLines = 10;

/** What the wire needs of the gateway. */
export interface WireContext {
  readonly options: ResolvedOptions;
  readonly audience: Audience<RaffleSession>;
  readonly users: Users;
  readonly logger: Logger;
  now(): number;
  identify(session: RaffleSession, identity: Identity): boolean;
  /** The number of connections or of authenticated ones is another. */
  changed(): void;
}

/** How this API tells why the engine ends a connection. */
const farewells: Partial<Record<Situation, CloseReason>> = {
  idle: closeReasons.idle,
  unresponsive: closeReasons.unresponsive,
  tooManyMessages: closeReasons.tooManyMessages,
  tooManyConnections: closeReasons.tooManyConnections,
  expired: closeReasons.tokenExpired,
  disconnected: closeReasons.disconnected,
  failure: closeReasons.internalError,
  restart: closeReasons.restart,
  slow: closeReasons.tooSlow,
};

/** The raffle platform's messages as a protocol of the engine. */
export class RaffleWire implements Wire<Client> {
  /** Connections that have authenticated. */
  authenticated = 0;
  /** Connections that asked to be told when events may have been missed. */
  readonly attentive = new Set<RaffleSession>();
  readonly #context: WireContext;
  readonly #pongs = new Pongs();
  readonly #ignored: Complaints;
  readonly #refused: Complaints;

  constructor(context: WireContext) {
    this.#context = context;
    this.#ignored = new Complaints(context.logger, context.now, 1);
    this.#refused = new Complaints(context.logger, context.now, maxLines);
  }

  accept(): Acceptance<Client> {
    return { data: new Client() };
  }

  open(session: RaffleSession): void {
    const { options, logger, changed } = this.#context;
    session.maxMessages = options.maxMessagesBeforeAuth;
    changed();
    logger.debug({ session: session.id, ip: session.ip }, 'connected');
  }

  message(session: RaffleSession, message: Message): unknown {
    if (typeof message !== 'string') return this.#ignore(session, 'a binary frame');
    const parsed = parseClientMessage(message, this.#context.options.maxSubscriptions);
    if (!parsed.ok) return this.#ignore(session, parsed.reason, parsed.type);
    switch (parsed.message.type) {
      case 'ping':
        session.reply(this.#pongs.frame(this.#context.now()));
        return undefined;
      case 'subscribe':
        if (parsed.message.notifyMissed === true) this.attentive.add(session);
        else this.attentive.delete(session);
        return this.#subscribe(session, parsed.message);
      case 'auth':
        return this.#authenticate(session, parsed.message.token);
    }
  }

  close(session: RaffleSession, { code, reason }: CloseReason): void {
    const { audience, changed, logger } = this.#context;
    const { data } = session;
    audience.index.remove(session, data.entries);
    audience.staff.delete(session);
    this.attentive.delete(session);
    if (data.user !== null) this.authenticated--;
    changed();
    logger.debug({ session: session.id, user: data.user?.id, code, reason }, 'disconnected');
    data.depart?.();
  }

  /** Subscriptions to a room that was taken from the session end. */
  removed(session: RaffleSession, room: string): void {
    const { data } = session;
    const gone = data.entries.filter((entry) => entry.subscription.room === room);
    this.#context.audience.index.remove(session, gone);
    data.entries = data.entries.filter((entry) => entry.subscription.room !== room);
  }

  farewell(_session: Session<Client>, situation: Situation): CloseReason | undefined {
    return farewells[situation];
  }

  #subscribe(session: RaffleSession, { subscriptions, skipped, issues }: SubscriptionList): void {
    const { index } = this.#context.audience;
    const { data } = session;
    index.remove(session, data.entries);
    data.entries = index.add(session, subscriptions);
    const rooms = new Set(subscriptions.map(({ room }) => room));
    for (const room of [...session.rooms]) if (!rooms.has(room)) session.leave(room);
    // Without a topic of its own a room is joined at once. The list has a limit; rooms need no second one.
    for (const room of rooms) if (room !== null) void session.join(room, { assigned: true });
    if (skipped > 0) {
      const { maxSubscriptions } = this.#context.options;
      this.#refused.warn('subscriptions were skipped: invalid or too many', {
        session: session.id,
        skipped,
        maxSubscriptions,
        issues,
      });
    }
  }

  async #authenticate(session: RaffleSession, token: string | null): Promise<void> {
    const { options, now, logger } = this.#context;
    session.data.auths ??= new MessageRate();
    if (!session.data.auths.allow(now(), options.maxAuthsPerMinute, minuteMs)) {
      logger.warn({ session: session.id, limit: options.maxAuthsPerMinute }, 'a session authenticates too often');
      session.close(closeReasons.tooManyAuths);
      return;
    }
    const authentication = await authenticate(options.verifier, token, now);
    if (session.state !== 'open') return;
    const refusal = authentication.ok ? this.#signIn(session, authentication) : authentication;
    if (refusal === undefined) return;
    this.#refused.warn('authentication was refused', { session: session.id, ip: session.ip, cause: refusal.cause });
    session.close(refusal.close);
  }

  /** Undefined unless the token is refused for whose it is. */
  #signIn(session: RaffleSession, { user, validUntil }: Authenticated): Refused | undefined {
    const { audience, users, options, logger, identify, changed } = this.#context;
    const { data } = session;
    const before = data.user;
    if (before !== null && before.id !== user.id) return refused('the token is another user’s');
    const identity: Identity = { id: user.id, expiresAt: validUntil, claims: { ...user } };
    if (before === null) {
      // False: the user has too many connections, and this one is being closed.
      if (!identify(session, identity)) return undefined;
      this.authenticated++;
      session.maxMessages = options.maxMessages;
      changed();
    } else {
      // Renewing leaves the connection's age alone: who has too many loses the oldest.
      session.identity = identity;
      session.expiresAt = validUntil;
    }
    data.user = user;
    if (isStaff(user.role)) audience.staff.add(session);
    else audience.staff.delete(session);
    data.depart ??= users.arrive(user);
    logger.debug({ session: session.id, user: user.id, role: user.role }, 'authenticated');
    return undefined;
  }

  #ignore(session: RaffleSession, reason: string, type?: string): void {
    this.#ignored.warn(`a message was ignored: ${reason}`, { session: session.id, type });
  }
}
