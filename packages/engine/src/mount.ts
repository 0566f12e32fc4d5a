import type { Duplex } from 'node:stream';
import type { Clock } from './clock.js';
import type { CloseReason, Situation } from './close-reasons.js';
import type { Cluster } from './cluster/cluster.js';
import { SharedConnections } from './cluster/connections.js';
import { type Control, controlTopic, parseControl, type Target } from './control.js';
import type { Flusher } from './delivery/flush.js';
import { RoomcastError } from './errors.js';
import { attempt } from './handlers.js';
import type { Identity } from './identity/identity.js';
import type { Logger } from './observe/logger.js';
import { Counters, type MountStats } from './observe/stats.js';
import { resolveSessionLimits, type SessionLimits } from './options.js';
import type { Bus } from './publishing/bus.js';
import { Publication, type PublicationOptions } from './publishing/publication.js';
import { deliver, type Selection } from './publishing/publish.js';
import { RoomTopics } from './publishing/room-topics.js';
import { type Gap, type Spread, Topics } from './publishing/topics.js';
import { Identities } from './rooms/identities.js';
import { Membership, type MembershipListener } from './rooms/membership.js';
import { Session, type SessionHost } from './rooms/session.js';
import { handshakeAnswer } from './sockets/handshake.js';
import { Reception } from './sockets/reception.js';
import { type Refusal, refuse } from './sockets/refusal.js';
import type { UpgradeRequest } from './sockets/upgrade-request.js';
import { SessionSocket } from './sockets/websocket.js';
import type { Acceptance, Wire } from './sockets/wire.js';

/** One protocol served by an engine: its paths, its rules, and what its events do. */
export interface MountOptions<Data, Event> extends SessionLimits {
  /** Unique on the engine; part of what the bus calls its topics. */
  name: string;
  /** Where upgrades are taken, exactly as they are in the request line before `?`. */
  paths: string | readonly string[];
  wire: Wire<Data>;
  /**
   * What an event does, on the instance that published it and on every other that wants its topic: changes the mount's
   * state and is delivered (`mount.deliver`). Synchronous, so that state and delivery are one step.
   */
  receive?(event: Event, topic: string): void;
  /** Checks an event that came over the bus; undefined: it is ignored and counted. @default it is taken as it is */
  decode?(value: unknown): Event | undefined;
  /** Events of another instance were lost on the way. @default a warning in the log */
  onGap?(gap: Gap): void;
  /** Told of every join and leave. */
  membership?: MembershipListener<Session<Data>>;
}

/** What the engine gives a mount. */
export interface MountHost {
  instance: string;
  bus: Bus | undefined;
  cluster: Pick<Cluster, 'share'>;
  clock: Clock;
  logger: Logger;
  flusher: Flusher;
  topicLingerMs: number;
  /** A session's place is free again. */
  release(ip: string): void;
}

/** A mounted protocol: its sessions, rooms and topics. Rooms and topics of two mounts never meet. */
export class Mount<Data = unknown, Event = unknown> implements SessionHost<Data> {
  readonly name: string;
  readonly limits: Required<SessionLimits>;
  readonly wire: Wire<Data>;
  readonly rooms: Membership<Session<Data>>;
  readonly roomTopics: RoomTopics;
  readonly topics: Topics;
  readonly counters = new Counters();
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions = new Set<Session<Data>>();
  readonly #identities: Identities<Data>;
  /** Where there are other instances: an identity's connections on all of them. */
  readonly #connections: SharedConnections<Session<Data>> | undefined;

  constructor(
    readonly host: MountHost,
    readonly options: MountOptions<Data, Event>,
  ) {
    this.name = options.name;
    this.limits = resolveSessionLimits(options);
    this.#identities = new Identities(this.limits);
    this.#connections = host.bus === undefined ? undefined : this.#shareConnections();
    this.wire = options.wire;
    this.clock = host.clock;
    this.logger = host.logger;
    this.topics = new Topics({
      bus: host.bus,
      prefix: `roomcast.${options.name}.`,
      instance: host.instance,
      clock: host.clock,
      lingerMs: host.topicLingerMs,
      counters: this.counters,
      logger: this.logger,
      receive: (topic, event) => this.#receiveRemote(topic, event),
      onGap: (gap) => this.#gap(gap),
    });
    this.roomTopics = new RoomTopics(this.topics);
    const listener = options.membership ?? {};
    const tell = (told: () => unknown) => attempt(told, (error) => this.#failed(error, 'a membership listener failed'));
    this.rooms = new Membership<Session<Data>>({
      created: (room) => tell(() => listener.created?.(room)),
      joined: (room, session) => tell(() => listener.joined?.(room, session)),
      left: (room, session) => tell(() => listener.left?.(room, session)),
      deleted: (room) => {
        this.roomTopics.release(room);
        tell(() => listener.deleted?.(room));
      },
    });
    // Awaited by `ready()`, which reports a failure.
    this.topics.follow(controlTopic).catch(() => {});
  }

  /**
   * Resolves once the mount hears what other instances tell it to do, and the topics that it follows; asks again where
   * the bus has refused before.
   */
  ready(): Promise<void> {
    return this.topics.ready();
  }

  /**
   * Publishes an event by a topic: `receive` runs here, at once, and on every instance that wants the topic. What it
   * returns tells how far it got; looking at it is up to the caller.
   */
  publish(topic: string, event: Event): Spread {
    if (topic === controlTopic) throw new RoomcastError(`topic: "${controlTopic}" is the mount's own`);
    this.#receive(topic, event);
    return this.topics.spread(topic, event);
  }

  /** Queues an event for the selected sessions of this instance, each once; returns how many. */
  deliver(selection: Selection<Data>, publication: PublicationOptions): number {
    return deliver(this.rooms, selection, new Publication(publication));
  }

  /**
   * Wants a topic for as long as the mount lives: for state that needs every event. Resolves once its events arrive
   * here; rejects where the bus could not be had in time or refuses, and asks again when it is back, or when called again.
   */
  follow(topic: string): Promise<void> {
    return this.topics.follow(topic);
  }

  /** The sessions of an identity on this instance. */
  sessionsOf(identity: string): ReadonlySet<Session<Data>> | undefined {
    return this.#identities.of(identity);
  }

  /**
   * Gives a session its identity after the handshake, or a renewed one. False when the identity has too many
   * connections and the mount refuses, so that the session is being closed, or when it has closed meanwhile.
   */
  identify(session: Session<Data>, identity: Identity): boolean {
    if (session.state !== 'open') return false;
    this.#forgetIdentity(session);
    session.identity = identity;
    session.expiresAt = identity.expiresAt ?? 0;
    session.authenticateBy = 0;
    if (this.#fits(identity)) {
      this.#addIdentity(session);
      return true;
    }
    session.identity = null;
    session.dismiss('tooManyConnections');
    return false;
  }

  /** Ends sessions on every instance; returns how many there were on this one. */
  disconnect(target: Target): number {
    this.topics.spread(controlTopic, { kind: 'disconnect', target } satisfies Control);
    return this.#disconnect(target);
  }

  /** Takes an identity out of rooms (all of them without a list) on every instance, also where it is about to join. */
  leaveAll(identity: string, rooms: readonly string[] | null = null): void {
    this.topics.spread(controlTopic, { kind: 'leave', identity, rooms } satisfies Control);
    this.#leaveAll(identity, rooms);
  }

  /** Asks again who may be where, on this instance: sessions leave the rooms for which `allowed` says no. */
  recheck(allowed: (session: Session<Data>, room: string) => boolean): void {
    for (const session of this.sessions) {
      for (const room of [...session.roomsAndWanted()]) if (!allowed(session, room)) this.#remove(session, room);
    }
  }

  stats(): MountStats {
    const { opened, received, delivered, published, dropped, missed, ignored, failures } = this.counters;
    return {
      name: this.name,
      sessions: this.sessions.size,
      rooms: this.rooms.size,
      topics: this.topics.size,
      opened,
      received,
      delivered,
      published,
      dropped,
      missed,
      ignored,
      failures,
      refused: Object.fromEntries(this.counters.refused),
      closed: Object.fromEntries(this.counters.closed),
    };
  }

  /** Why a connection that the wire accepts gets no place all the same. */
  refuses({ identity }: Acceptance<Data>): Refusal | undefined {
    if (identity === undefined || this.#fits(identity)) return undefined;
    return refuse(429, 'Too many connections of this identity', { 'Retry-After': '60' });
  }

  /** Begins the session of a valid request that has been accepted. */
  open(request: UpgradeRequest, stream: Duplex, head: Buffer, acceptance: Acceptance<Data>): void {
    const socket = new SessionSocket(stream, this.limits);
    const session = new Session<Data>(this, socket, request.ip, acceptance, this.host.flusher);
    this.sessions.add(session);
    this.#addIdentity(session);
    this.counters.opened++;
    const reception = new Reception(session, this.wire, this.limits.messageWindowMs);
    socket.serve(reception as Reception<unknown>, handshakeAnswer(request, acceptance.protocol), head);
  }

  farewell(session: Session<Data>, situation: Situation): CloseReason | undefined {
    try {
      return this.wire.farewell?.(session, situation);
    } catch (error) {
      this.#failed(error, 'a farewell handler failed');
      return undefined;
    }
  }

  ended(session: Session<Data>, reason: CloseReason): void {
    this.sessions.delete(session);
    this.#forgetIdentity(session);
    this.counters.countClosed(reason.code);
    this.host.release(session.ip);
    attempt(
      () => this.wire.close?.(session, reason),
      (error) => this.#failed(error, 'a close handler failed'),
    );
  }

  close(): void {
    this.topics.close();
  }

  #shareConnections(): SharedConnections<Session<Data>> {
    return new SharedConnections(this.host.cluster.share(`$connections.${this.name}`), {
      of: (identity) => this.#identities.of(identity),
      max: this.limits.maxConnectionsPerIdentity,
      whenTooMany: this.limits.whenTooMany,
      close: (session) => {
        this.#forgetIdentity(session);
        session.dismiss('tooManyConnections');
      },
    });
  }

  #fits(identity: Identity): boolean {
    return this.#identities.fits(identity) && this.#connections?.fits(identity.id) !== false;
  }

  #addIdentity(session: Session<Data>): void {
    this.#identities.add(session);
    if (session.identity !== null) this.#connections?.changed(session.identity.id);
  }

  #forgetIdentity(session: Session<Data>): void {
    this.#identities.remove(session);
    if (session.identity !== null) this.#connections?.changed(session.identity.id);
  }

  #receive(topic: string, event: Event): void {
    this.counters.published++;
    attempt(
      () => this.options.receive?.(event, topic),
      (error) => this.#failed(error, 'receiving an event failed'),
    );
  }

  #receiveRemote(topic: string, value: unknown): void {
    if (topic === controlTopic) {
      this.#control(parseControl(value));
      return;
    }
    const event = this.#decode(value);
    if (event === undefined) this.counters.ignored++;
    else this.#receive(topic, event);
  }

  #decode(value: unknown): Event | undefined {
    if (this.options.decode === undefined) return value as Event;
    try {
      return this.options.decode(value);
    } catch (error) {
      this.#failed(error, 'decoding an event of another instance failed');
      return undefined;
    }
  }

  #control(control: Control | undefined): void {
    if (control === undefined) this.counters.ignored++;
    else if (control.kind === 'disconnect') this.#disconnect(control.target);
    else this.#leaveAll(control.identity, control.rooms);
  }

  #disconnect(target: Target): number {
    const sessions =
      'identity' in target
        ? [...(this.#identities.of(target.identity) ?? [])]
        : [...this.sessions].filter((session) => session.id === target.session);
    for (const session of sessions) session.dismiss('disconnected');
    return sessions.length;
  }

  #leaveAll(identity: string, rooms: readonly string[] | null): void {
    for (const session of this.#identities.of(identity) ?? []) {
      for (const room of rooms ?? [...session.roomsAndWanted()]) this.#remove(session, room);
    }
  }

  #remove(session: Session<Data>, room: string): void {
    if (!session.leave(room)) return;
    attempt(
      () => this.wire.removed?.(session, room),
      (error) => session.failed(error),
    );
  }

  #gap(gap: Gap): void {
    const { onGap } = this.options;
    if (onGap !== undefined) {
      attempt(
        () => onGap(gap),
        (error) => this.#failed(error, 'hearing of a gap failed'),
      );
      return;
    }
    this.logger.warn({ mount: this.name, ...gap }, 'events of another instance were lost on the bus');
  }

  #failed(error: unknown, message: string): void {
    this.counters.failures++;
    this.logger.error({ mount: this.name, err: error }, message);
  }
}
