import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Stop } from './clock.js';
import { Cluster } from './cluster/cluster.js';
import { Deadlines } from './deadlines.js';
import { ByteBudget } from './delivery/budget.js';
import { Flusher } from './delivery/flush.js';
import { drainSessions } from './drain.js';
import { MountConflictError } from './errors.js';
import { Mount, type MountHost, type MountOptions } from './mount.js';
import { type Logger, redacting } from './observe/logger.js';
import type { EngineStats } from './observe/stats.js';
import { checkMount, type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './options.js';
import type { Session } from './rooms/session.js';
import { ConnectionLimits } from './sockets/connection-limits.js';
import { ForeignMount, type ForeignMountOptions, foreignWire } from './sockets/foreign.js';
import { type Refusal, refuse, writeRefusal } from './sockets/refusal.js';
import { Upgrades } from './sockets/upgrade.js';

/** What `attach` takes. */
export interface AttachOptions {
  /** Looks at every upgrade of the server first; those it refuses get no further. @default none is refused */
  guard?(request: IncomingMessage): Refusal | undefined;
  /** Told of every upgrade that `attach` itself refuses, for metrics. */
  onRefused?(status: number): void;
}

const notServed = refuse(404, 'No WebSocket is served at this path');

/** Makes an engine. It listens nowhere: `attach` it to HTTP servers of yours. */
export function createEngine(options: EngineOptions = {}): Engine {
  return new Engine(options);
}

/** The part that all mounted protocols share: sockets, delivery, deadlines, and the way to other instances. */
export class Engine {
  /** This run of this process, as other instances see it. */
  readonly instance = randomUUID();
  readonly options: ResolvedEngineOptions;
  readonly logger: Logger;
  readonly cluster: Cluster;
  // biome-ignore lint/suspicious/noExplicitAny: mounts of every kind stand side by side here.
  readonly mounts = new Map<string, Mount<any, any>>();
  readonly #flusher: Flusher;
  readonly #limits: ConnectionLimits;
  readonly #upgrades: Upgrades;
  readonly #deadlines: Deadlines;
  #drained: Promise<void> | null = null;

  constructor(options: EngineOptions = {}) {
    this.options = resolveEngineOptions(options);
    this.logger = redacting(this.options.logger);
    const { clock, bus } = this.options;
    this.#flusher = new Flusher(new ByteBudget(this.options.maxQueuedBytesTotal));
    this.#limits = new ConnectionLimits(this.options);
    this.cluster = new Cluster({ instance: this.instance, bus, clock, logger: this.logger });
    this.#upgrades = new Upgrades({
      limits: this.#limits,
      clock,
      logger: this.logger,
      trustProxy: this.options.trustProxy,
    });
    this.#deadlines = new Deadlines(
      clock,
      this.options.sweepIntervalMs,
      () => this.#sessions(),
      (now) => this.#limits.prune(now),
    );
  }

  /** Serves a protocol. Throws `MountConflictError` where its name or one of its paths is taken. */
  mount<Data, Event = unknown>(options: MountOptions<Data, Event>): Mount<Data, Event> {
    const paths = typeof options.paths === 'string' ? [options.paths] : options.paths;
    checkMount(options.name, paths);
    if (this.mounts.has(options.name)) throw new MountConflictError('name', options.name, options.name);
    const host: MountHost = {
      instance: this.instance,
      bus: this.options.bus,
      cluster: this.cluster,
      clock: this.options.clock,
      logger: this.logger,
      flusher: this.#flusher,
      topicLingerMs: this.options.topicLingerMs,
      release: (ip) => this.#limits.release(ip),
    };
    const mount = new Mount<Data, Event>(host, options);
    try {
      this.#upgrades.add(mount as Mount<unknown, unknown>, paths);
    } catch (error) {
      mount.close();
      throw error;
    }
    this.mounts.set(options.name, mount);
    return mount;
  }

  /**
   * Serves a protocol whose sockets another library owns: limits, identities, deadlines, topics and draining are the
   * engine's. Throws as `mount` does.
   */
  mountForeign<Data, Event = unknown>(options: ForeignMountOptions<Data, Event>): ForeignMount<Data, Event> {
    const { upgrade, ...rest } = options;
    const mount = this.mount<Data, Event>({ ...rest, wire: foreignWire(options.wire) });
    this.#upgrades.handOver(mount as Mount<unknown, unknown>, upgrade);
    return new ForeignMount(mount, {
      limits: this.#limits,
      upgrades: this.#upgrades,
      trustProxy: this.options.trustProxy,
      now: () => this.options.clock.now(),
    });
  }

  /**
   * Takes the upgrades of an HTTP server for the mounts' paths. Others are left to the server's other listeners;
   * where there are none they get 404. Returns how to undo it.
   */
  attach(server: Server | TlsServer, { guard, onRefused }: AttachOptions = {}): Stop {
    const refuseWith = (socket: Duplex, refusal: Refusal) => {
      socket.on('error', () => {});
      writeRefusal(socket, refusal);
      onRefused?.(refusal.status);
    };
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = this.#guarded(request, guard);
      if (refusal !== undefined) refuseWith(socket, refusal);
      else if (this.handleUpgrade(request, socket, head)) return;
      else if (server.listenerCount('upgrade') === 1) refuseWith(socket, notServed);
    };
    server.on('upgrade', onUpgrade);
    return () => server.off('upgrade', onUpgrade);
  }

  /** Answers one upgrade request. False, with nothing touched, where no mount has its path. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#upgrades.handle(request, socket, head);
  }

  /** Resolves once the bus carries what this instance needs; rejects when it refuses. At once without a bus. */
  async ready(): Promise<void> {
    await Promise.all([this.cluster.ready(), ...[...this.mounts.values()].map((mount) => mount.ready())]);
  }

  /** Whether it lets its sessions go, or has done so. */
  get draining(): boolean {
    return this.#upgrades.draining;
  }

  stats(): EngineStats {
    return {
      instance: this.instance,
      members: this.cluster.members.size,
      bus: this.options.bus?.status ?? 'up',
      draining: this.draining,
      sessions: this.#limits.connections,
      ignored: this.cluster.ignored,
      queuedBytes: this.#flusher.budget.bytes,
      blockedSessions: this.#flusher.budget.blocked.size,
      mounts: [...this.mounts.values()].map((mount) => mount.stats()),
    };
  }

  /**
   * Lets everybody go: new upgrades get 503, sessions are closed in staggered batches with 1012, and what has not gone
   * after `withinMs` is cut off. Then the engine is closed.
   */
  drain(withinMs: number = this.options.drainMs): Promise<void> {
    this.#drained ??= this.#drain(withinMs);
    return this.#drained;
  }

  /** Ends everything at once: sessions are cut off. The bus stays open: it is its owner's. */
  async close(): Promise<void> {
    this.#upgrades.draining = true;
    for (const session of this.#sessions()) session.terminate();
    this.#deadlines.stop();
    for (const mount of this.mounts.values()) mount.close();
    await this.cluster.close();
  }

  async #drain(withinMs: number): Promise<void> {
    this.#upgrades.draining = true;
    await drainSessions(() => this.#sessions(), { clock: this.options.clock, withinMs });
    await this.close();
  }

  #guarded(request: IncomingMessage, guard: AttachOptions['guard']): Refusal | undefined {
    try {
      return guard?.(request);
    } catch (error) {
      this.logger.error({ err: error }, 'the guard of a server failed');
      return refuse(500);
    }
  }

  *#sessions(): IterableIterator<Session<unknown>> {
    for (const mount of this.mounts.values()) yield* mount.sessions as Set<Session<unknown>>;
  }
}
