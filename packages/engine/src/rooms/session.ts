import type { Clock } from '../clock.js';
import { type CloseReason, closeReasons, type Situation, sendable } from '../close-reasons.js';
import type { Flusher } from '../delivery/flush.js';
import { type DeliveryClass, Frame } from '../delivery/frame.js';
import { Outbox, type OutboxOwner, type Transport } from '../delivery/outbox.js';
import { RoomLimitError } from '../errors.js';
import type { Identity } from '../identity/identity.js';
import type { Logger } from '../observe/logger.js';
import type { Counters } from '../observe/stats.js';
import { HeldEvents } from './held-events.js';
import type { Membership } from './membership.js';
import { newSessionId } from './session-id.js';

/** - `open`: frames go both ways. - `closing`: what is queued is written, then the close. - `closed`: the socket is gone. */
export type SessionState = 'open' | 'closing' | 'closed';

/** The socket of a session, as the engine sees it. */
export interface SessionTransport extends Transport {
  ping(): void;
  pause(): void;
  resume(): void;
  /** Ends the socket without a handshake. */
  terminate(): void;
}

/** What is known of a session when it begins. */
export interface Newcomer<Data> {
  /** What the wire keeps about the session. */
  data: Data;
  /** Who it is, where that is known before the handshake. */
  identity?: Identity;
  /** What the session speaks; may change later. @default '' */
  dialect?: string;
}

/** What one session may do: the part of the mount's limits that concerns it. */
interface SessionRules {
  readonly maxMessages: number;
  readonly maxPendingMessages: number;
  readonly maxRooms: number;
  readonly maxQueuedBytes: number;
  readonly idleTimeoutMs: number;
  readonly pingIntervalMs: number;
}

/** What a session needs of the mount it belongs to. */
export interface SessionHost<Data> {
  readonly limits: SessionRules;
  readonly rooms: Membership<Session<Data>>;
  /** Has a room's topic arrive here, and then runs `enter`. */
  readonly roomTopics: { acquire(room: string, topic: string, enter: () => boolean): boolean | Promise<boolean> };
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
  /** The session is about to be ended: the wire's last word on how. */
  farewell(session: Session<Data>, situation: Situation): CloseReason | undefined;
  ended(session: Session<Data>, reason: CloseReason): void;
}

export interface JoinOptions {
  /** The topic the room's events travel by: the join waits until this instance gets them. */
  topic?: string;
  /** The server's choice, not the client's wish: does not count against `maxRooms`. */
  assigned?: boolean;
}

export interface SendOptions {
  deliveryClass?: DeliveryClass;
  key?: string;
}

/** How long a session that is to close may take to write what is queued, in milliseconds. */
const closeWithinMs = 5000;

/** One accepted connection. */
export class Session<Data = unknown> implements OutboxOwner {
  identity: Identity | null;
  data: Data;
  /** What it speaks: publications are encoded once per dialect. */
  dialect: string;
  readonly connectedAt: number;
  /** When a message or a ping last came from the client, in milliseconds since the epoch. */
  lastReceivedAt: number;
  /** When anything last came, pongs included. */
  lastAliveAt: number;
  /** When a ping was sent that nothing has answered yet, else 0. */
  pingedAt = 0;
  /** When its credentials expire, in milliseconds since the epoch; 0: never. */
  expiresAt: number;
  /** By when it must have been identified; 0: no deadline. */
  authenticateBy = 0;
  /** By when the socket must be gone, once either side has closed; 0 before. */
  closeBy = 0;
  /** Messages in a window of the mount's; a wire may change it during the session. */
  maxMessages: number;
  /** The number of the last selection that reached it (`publishing/publish.ts`). */
  selectedBy = 0;
  #id: string | null = null;
  #state: SessionState = 'open';
  #closeReason: CloseReason | null = null;
  #assigned: Set<string> | null = null;
  #joining: Set<string> | null = null;
  #waiting = 0;
  #held: HeldEvents | null = null;
  readonly #outbox: Outbox;

  constructor(
    readonly host: SessionHost<Data>,
    readonly transport: SessionTransport,
    readonly ip: string,
    newcomer: Newcomer<Data>,
    flusher: Flusher,
  ) {
    this.data = newcomer.data;
    this.identity = newcomer.identity ?? null;
    this.dialect = newcomer.dialect ?? '';
    this.expiresAt = newcomer.identity?.expiresAt ?? 0;
    this.connectedAt = host.clock.now();
    this.lastReceivedAt = this.connectedAt;
    this.lastAliveAt = this.connectedAt;
    this.maxMessages = host.limits.maxMessages;
    this.#outbox = new Outbox(transport, this, flusher);
  }

  /** A UUID. Made when it is first asked for: many wires never do. */
  get id(): string {
    this.#id ??= newSessionId();
    return this.#id;
  }

  get state(): SessionState {
    return this.#state;
  }

  get rooms(): ReadonlySet<string> {
    return this.host.rooms.rooms(this);
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes + (this.#held?.bytes ?? 0);
  }

  get maxQueuedBytes(): number {
    return this.host.limits.maxQueuedBytes;
  }

  /** Queues an answer to the client: it goes out before events to other sessions do. */
  reply(frame: Buffer): void {
    if (this.#state === 'open') this.#outbox.push(new Frame(frame), true);
  }

  /** Queues an event for this session alone. */
  send(frame: Buffer, { deliveryClass, key }: SendOptions = {}): void {
    this.push(new Frame(frame, deliveryClass, key ?? null));
  }

  /** Queues a frame that other sessions may share. False when the session takes none any more. */
  push(frame: Frame): boolean {
    if (this.#state !== 'open') return false;
    this.host.counters.delivered++;
    if (this.#held === null) this.#outbox.push(frame, false);
    else this.#hold(this.#held, frame);
    return true;
  }

  /**
   * Joins a room. True at once, or, where the room's topic is not subscribed to yet, a promise: of true, or of false
   * when the session has closed or was taken out of the room meanwhile. Throws `RoomLimitError` over `maxRooms`; rejects
   * when the bus refuses.
   */
  join(room: string, { topic, assigned = false }: JoinOptions = {}): boolean | Promise<boolean> {
    if (this.host.rooms.has(this, room)) return true;
    if (!assigned) this.#checkRooms();
    if (topic === undefined) return this.#enter(room, assigned);
    let waits = false;
    const joined = this.host.roomTopics.acquire(room, topic, () =>
      waits ? this.#enterWanted(room, assigned) : this.#enter(room, assigned),
    );
    if (typeof joined === 'boolean') return joined;
    waits = true;
    this.#joining ??= new Set();
    this.#joining.add(room);
    return joined.catch((error: unknown) => {
      this.#takeBack(room);
      throw error;
    });
  }

  /** The rooms it is in, and those it is about to join once their topic's events arrive here. */
  *roomsAndWanted(): IterableIterator<string> {
    yield* this.rooms;
    if (this.#joining !== null) yield* this.#joining;
  }

  /** False when it was not in the room, nor about to join it. */
  leave(room: string): boolean {
    const wasJoining = this.#takeBack(room);
    this.#assigned?.delete(room);
    return this.host.rooms.leave(this, room) || wasJoining;
  }

  /** Ends the session after everything queued is written. */
  close(reason: CloseReason): void {
    this.#end(reason);
  }

  /** Ends the session for one of the engine's reasons; the wire has the last word on its code. */
  dismiss(situation: Situation): void {
    if (this.#state !== 'open') return;
    const reason = this.host.farewell(this, situation) ?? closeReasons[situation];
    this.#end(reason);
  }

  /** Ends the socket at once. */
  terminate(): void {
    this.transport.terminate();
  }

  /** Keeps events back until as many `resumeEvents`; replies go out. Used by `snapshotThenLive`. */
  holdEvents(): void {
    this.#held ??= new HeldEvents();
    this.#held.holds++;
  }

  /** Sends a frame ahead of the events that are kept back. */
  sendAhead(bytes: Buffer): void {
    if (this.#state === 'open') this.#outbox.push(new Frame(bytes), false);
  }

  /** Sends the events kept back, unless another hold still lasts. */
  resumeEvents(): void {
    const held = this.#held;
    if (held === null || --held.holds > 0) return;
    this.#held = null;
    for (const frame of held.frames) this.#outbox.push(frame, false);
  }

  /** Resolves once the socket has taken everything queued so far, or is gone. */
  flushed(): Promise<void> {
    return this.#outbox.flushed();
  }

  /** The client showed activity. */
  active(): void {
    this.alive();
    this.lastReceivedAt = this.lastAliveAt;
  }

  /** The client's end answers. */
  alive(): void {
    this.lastAliveAt = this.host.clock.now();
    this.pingedAt = 0;
  }

  /** The client has closed, or broken off: the socket must be gone soon. */
  ending(): void {
    if (this.closeBy === 0) this.closeBy = this.host.clock.now() + closeWithinMs;
  }

  /** The transport is gone. */
  ended(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#held = null;
    this.#outbox.dispose();
    this.host.rooms.remove(this);
    this.host.ended(this, this.#closeReason ?? reason);
  }

  /** The transport takes bytes again. */
  drained(): void {
    this.#outbox.drained();
  }

  /** Messages that wait for their handlers have become more or fewer; over the limit reading pauses. */
  waiting(change: number): void {
    const limit = this.host.limits.maxPendingMessages;
    const before = this.#waiting;
    this.#waiting += change;
    if (before < limit && this.#waiting >= limit) this.transport.pause();
    else if (before >= limit && this.#waiting < limit) this.transport.resume();
  }

  /** A handler of this session has thrown or rejected. */
  failed(error: unknown): void {
    this.host.counters.failures++;
    this.host.logger.error({ session: this.id, err: error }, 'a handler failed');
    this.dismiss('failure');
  }

  dropped(frames: number): void {
    this.host.counters.dropped += frames;
  }

  overflowed(queuedBytes: number): void {
    const bytes = queuedBytes + (this.#held?.bytes ?? 0);
    this.host.logger.warn({ session: this.id, queuedBytes: bytes }, 'a session reads too slowly');
    this.dismiss('slow');
  }

  /** The room is not waited for any more. False when it was not. */
  #takeBack(room: string): boolean {
    if (this.#joining?.delete(room) !== true) return false;
    if (this.#joining.size === 0) this.#joining = null;
    return true;
  }

  /** A leave while the join waited has taken the wish back. */
  #enterWanted(room: string, assigned: boolean): boolean {
    const isWanted = this.#takeBack(room);
    return (isWanted || this.host.rooms.has(this, room)) && this.#enter(room, assigned);
  }

  #enter(room: string, assigned: boolean): boolean {
    if (this.#state !== 'open') return false;
    if (this.host.rooms.has(this, room)) return true;
    // While this join waited for its topic, others may have been through.
    if (!assigned) this.#checkRooms();
    this.host.rooms.join(this, room);
    if (assigned) {
      this.#assigned ??= new Set();
      this.#assigned.add(room);
    }
    return true;
  }

  #checkRooms(): void {
    const { rooms, limits } = this.host;
    if (rooms.count(this) - (this.#assigned?.size ?? 0) >= limits.maxRooms) throw new RoomLimitError(limits.maxRooms);
  }

  #end(wanted: CloseReason): void {
    if (this.#state !== 'open') return;
    const reason = sendable(wanted) ?? this.#unsendable(wanted);
    // What was held for a snapshot belongs to a client that will not see it any more.
    this.#held = null;
    this.#state = 'closing';
    this.#closeReason = reason;
    this.ending();
    // The answer to the close must be read, however much waits for its handler.
    if (this.#waiting >= this.host.limits.maxPendingMessages) this.transport.resume();
    this.#outbox.end(reason);
  }

  #unsendable({ code }: CloseReason): CloseReason {
    this.host.counters.failures++;
    this.host.logger.error({ session: this.id, code }, 'a close code must be 1000–1014 or 3000–4999: 1011 is sent');
    return closeReasons.failure;
  }

  #hold(held: HeldEvents, frame: Frame): void {
    held.push(frame);
    if (held.exceeds(this.maxQueuedBytes)) this.#outbox.overflow();
  }
}
