import type { Stop } from '../../clock.js';
import { BusDownError, BusRefusedError } from '../../errors.js';
import { attempt } from '../../handlers.js';
import type { Bus, BusStatus } from '../bus.js';
import type { Broker, BrokerConnection, Channel } from './broker.js';
import { Link } from './link.js';
import { type BrokerBusOptions, resolveBrokerBusOptions } from './options.js';
import { Subscriptions } from './subscriptions.js';

type State<Connection extends BrokerConnection> =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up'; readonly link: Link<Connection> }
  | { readonly kind: 'down'; readonly cause: Error }
  | { readonly kind: 'closed' };

/** What a bus counts since it was made; `pendingBytes` and `subscriptions` are what is there now. */
export interface BrokerBusStats {
  /** Messages the broker has confirmed. */
  published: number;
  /** Messages it has not taken, or may not have taken. */
  rejected: number;
  received: number;
  /** Connections that were lost: each may have lost messages, which the engine then looks for. */
  losses: number;
  pendingBytes: number;
  subscriptions: number;
}

/** How often deadlines are looked at. */
const tickMs = 500;
const minBackOffMs = 100;
/** A connection that lasts this long was a good one: the next pause is short again. */
const goodAfterMs = 10_000;
/** The same problem is logged again after this long. */
const repeatLogMs = 60_000;

/** A pause with full jitter, growing with the attempts that failed, in milliseconds. */
function backOffMs(failures: number, maxBackOffMs: number): number {
  return Math.random() * Math.min(maxBackOffMs, minBackOffMs * 2 ** failures);
}

/**
 * A bus over a broker's connections: when one is lost it makes another, and says `up` once all subscriptions stand there.
 * Nothing is kept for later while there is none: publications are rejected.
 */
export class BrokerBus<Connection extends BrokerConnection = BrokerConnection> implements Bus {
  readonly options: Required<BrokerBusOptions>;
  #state: State<Connection> = { kind: 'connecting' };
  readonly #subscriptions: Subscriptions;
  readonly #listeners = new Set<(status: BusStatus) => void>();
  readonly #counters = { published: 0, rejected: 0, received: 0, losses: 0 };
  readonly #stopTicking: Stop;
  #link: Link<Connection> | null = null;
  #asking = false;
  #lastTick: number;
  /** When each problem of this outage was logged. */
  readonly #logged = new Map<string, number>();
  #wake: (() => void) | null = null;
  readonly #firstAttempt: Promise<void>;

  constructor(
    readonly broker: Broker<Connection>,
    options: BrokerBusOptions = {},
  ) {
    this.options = resolveBrokerBusOptions(options);
    const { clock } = this.options;
    this.#subscriptions = new Subscriptions(this.options);
    this.#lastTick = clock.now();
    this.#stopTicking = clock.every(tickMs, () => this.#tick());
    this.#firstAttempt = new Promise((resolve, reject) => void this.#run(resolve, reject));
    // Only somebody who waits for it has to know: the problem is logged.
    this.#firstAttempt.catch(() => {});
  }

  get status(): BusStatus {
    return this.#state.kind === 'up' ? 'up' : 'down';
  }

  /**
   * Resolves when the first attempt to connect is over, whether the broker was there or has to be waited for; rejects
   * with `BusRefusedError`, and the bus is closed, where waiting is of no use: a refused password, a bad certificate.
   */
  started(): Promise<void> {
    return this.#firstAttempt;
  }

  async publish(topic: string, message: string): Promise<void> {
    const bytes = Buffer.byteLength(message) + topic.length;
    try {
      const { connection, inFlight } = this.#up();
      await inFlight.run(bytes, () => connection.publish(topic, message));
      this.#counters.published++;
    } catch (error) {
      this.#counters.rejected++;
      throw error;
    }
  }

  subscribe(topic: string, receive: (message: string) => void): Promise<() => void> {
    return this.#subscribe({ name: topic, isForeign: false }, receive);
  }

  subscribeForeign(channel: string, receive: (message: string) => void): Promise<() => void> {
    return this.#subscribe({ name: channel, isForeign: true }, receive);
  }

  onStatus(listener: (status: BusStatus) => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stats(): BrokerBusStats {
    const pendingBytes = this.#link?.inFlight.bytes ?? 0;
    return { ...this.#counters, pendingBytes, subscriptions: this.#subscriptions.size };
  }

  /** Waits for publications that are on their way, `replyTimeoutMs` at most, and lets go of everything. */
  async close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return;
    if (state.kind === 'up') await state.link.inFlight.drained();
    this.#end(new BusDownError(`the connection to ${this.broker.name} was closed`));
  }

  /** The connection in use. Throws `BusDownError` where there is none. */
  protected get connection(): Connection {
    return this.#up().connection;
  }

  /** Makes connections, one after the other, until the bus is closed. */
  async #run(started: () => void, refused: (error: Error) => void): Promise<void> {
    const { clock, maxBackOffMs } = this.options;
    let failures = 0;
    for (let isFirst = true; this.#state.kind !== 'closed'; isFirst = false) {
      let cause: Error;
      const since = clock.now();
      try {
        const link = await this.#connect();
        started();
        cause = await link.lost;
        this.#counters.losses++;
      } catch (error) {
        cause = error as Error;
      }
      if (this.#closed()) break;
      this.#down(cause);
      if (isFirst && cause instanceof BusRefusedError) {
        this.#end(cause);
        refused(cause);
        return;
      }
      started();
      failures = clock.now() - since > goodAfterMs ? 0 : failures + 1;
      await this.#pause(backOffMs(failures, maxBackOffMs));
    }
    started();
  }

  async #connect(): Promise<Link<Connection>> {
    const { connectTimeoutMs, logger } = this.options;
    let made: Link<Connection> | null = null;
    let lostBefore: Error | null = null;
    const connection = await this.broker.connect(
      {
        message: (name, isForeign, text) => this.#receive(name, isForeign, text),
        lost: (cause) => {
          if (made === null) lostBefore ??= cause;
          else made.lose(cause);
        },
      },
      connectTimeoutMs,
    );
    const link = this.#newLink(connection);
    made = link;
    if (this.#closed()) lostBefore ??= new BusDownError('closed');
    if (lostBefore !== null) link.lose(lostBefore);
    else this.#link = link;
    try {
      this.#subscriptions.forgotten();
      if (!link.isLost) await this.#subscriptions.askForAll(link.connection);
    } catch (error) {
      link.lose(error as Error);
    }
    // A connection that was lost meanwhile has said why, which is better than what came of it.
    if (link.isLost) throw await link.lost;
    this.#logged.clear();
    logger.info({ broker: this.broker.name, subscriptions: this.#subscriptions.size }, 'the bus is up');
    this.#enter({ kind: 'up', link });
    this.#askSoon();
    return link;
  }

  #receive(name: string, isForeign: boolean, text: string): void {
    this.#counters.received++;
    this.#subscriptions.deliver(name, isForeign, text, (error) => {
      this.options.logger.error({ err: error }, 'receiving a message of the bus failed');
    });
  }

  #newLink(connection: Connection): Link<Connection> {
    const link: Link<Connection> = new Link(connection, this.broker.name, this.options, (cause) => {
      if (this.#link === link) this.#link = null;
      if (this.#state.kind === 'up' && this.#state.link === link) this.#enter({ kind: 'down', cause });
    });
    return link;
  }

  async #subscribe(channel: Channel, receive: (message: string) => void): Promise<() => void> {
    if (this.#state.kind === 'closed') throw new BusDownError(`the connection to ${this.broker.name} was closed`);
    const standing = this.#subscriptions.add(channel, receive, (gone) => {
      this.#link?.connection.unsubscribe(gone);
    });
    this.#askSoon();
    return standing;
  }

  /** What is wanted in one turn of the event loop is asked for together. */
  #askSoon(): void {
    if (this.#asking || this.#state.kind !== 'up' || !this.#subscriptions.isWanting) return;
    const { link } = this.#state;
    this.#asking = true;
    setImmediate(() => {
      void this.#subscriptions
        .askForEach(link.connection, () => link.isLost)
        .finally(() => {
          this.#asking = false;
          this.#askSoon();
        });
    });
  }

  #tick(): void {
    const now = this.options.clock.now();
    const wasHeldUp = now - this.#lastTick > 4 * tickMs;
    this.#lastTick = now;
    // What the broker has answered meanwhile waits in the socket: it is read before the next tick.
    if (wasHeldUp) return;
    this.#subscriptions.expire(this.#why());
    this.#link?.tick(now);
  }

  #up(): Link<Connection> {
    if (this.#state.kind === 'up') return this.#state.link;
    throw new BusDownError(`the bus is not connected: ${this.#why()}`);
  }

  #why(): string {
    if (this.#state.kind === 'down') return this.#state.cause.message;
    return this.#state.kind === 'closed' ? 'it was closed' : `${this.broker.name} is being connected`;
  }

  #down(cause: Error): void {
    const { clock, logger } = this.options;
    this.#enter({ kind: 'down', cause });
    const now = clock.now();
    if (now - (this.#logged.get(cause.message) ?? Number.NEGATIVE_INFINITY) < repeatLogMs) return;
    this.#logged.set(cause.message, now);
    logger.error({ broker: this.broker.name }, `the bus is down: ${cause.message}`);
  }

  #enter(state: State<Connection>): void {
    const before = this.status;
    this.#state = state;
    if (this.status === before) return;
    for (const listener of [...this.#listeners]) {
      attempt(
        () => listener(this.status),
        (error) => this.options.logger.error({ err: error }, 'hearing of the status of the bus failed'),
      );
    }
  }

  #end(cause: Error): void {
    if (this.#closed()) return;
    const link = this.#link;
    this.#enter({ kind: 'closed' });
    this.#stopTicking();
    this.#subscriptions.clear(cause);
    link?.lose(cause);
    this.#wake?.();
  }

  #closed(): boolean {
    return this.#state.kind === 'closed';
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.options.clock.after(ms, resolve);
      this.#wake = () => {
        stop();
        resolve();
      };
    });
  }
}
