import { type Engine, type Gateway, type Lease, type Logger, type Spread, Standing, type Stop } from '@roomcast/engine';
import * as z from 'zod';
import { type Body, ForeignQueue } from './foreign-queue.js';
import { publishDefaults } from './publish.js';
import { publishBody } from './publish-body.js';

/** - `published`, `refused`: the body's events are on their way, or it is not valid. - `dropped`: too many waited. */
type BusOutcome = 'published' | 'refused' | 'dropped';

export interface BusPublishOptions {
  engine: Pick<Engine, 'cluster' | 'options'>;
  gateway: Gateway;
  logger: Logger;
  /** Told of every body that this instance dealt with, for metrics. */
  onOutcome?(outcome: BusOutcome): void;
}

/** How long the instance that publishes may leave a body before another asks after it, in milliseconds. */
const patienceMs = 1000;
const askTimeoutMs = 1000;
/** Issues of a refused body that the log shows. */
const shownIssues = 3;
/** Publications kept that the bus did not take. */
const maxUnspread = 1000;

const hashes = z.array(z.string()).max(1000);
const states = z.array(z.enum(['published', 'waiting', 'unknown']));

/**
 * Takes what backends publish to the broker: bodies as of `POST /api/publish`, on the channel or subject
 * `roomcast.<name>.publish`. Every instance hears them; one at a time (a lease) publishes their events, in the order
 * in which they come, and says so. The others keep each body until then: where the one has died, or never got the body,
 * another publishes it, within about two seconds. Then it may be published twice; it is never left.
 */
export function publishFromBus(options: BusPublishOptions): { ready(): Promise<void>; stop(): void } {
  const { engine, gateway } = options;
  const { bus } = engine.options;
  if (bus?.subscribeForeign === undefined) return { ready: async () => {}, stop: () => {} };
  const inbox = new BusPublish(options);
  let state: 'listening' | 'stopped' = 'listening';
  const subscribe = async () => {
    const unsubscribe = await bus.subscribeForeign?.(`roomcast.${gateway.name}.publish`, (text) => inbox.receive(text));
    if (state === 'stopped') unsubscribe?.();
    else if (unsubscribe !== undefined) inbox.stops.push(unsubscribe);
  };
  const standing = new Standing(bus, subscribe);
  return {
    ready: () => standing.ready(),
    stop() {
      if (state === 'stopped') return;
      state = 'stopped';
      standing.stop();
      inbox.stop();
    },
  };
}

class BusPublish {
  readonly stops: Stop[] = [];
  readonly #options: BusPublishOptions;
  readonly #queue: ForeignQueue;
  readonly #lease: Lease;
  readonly #topic: string;
  readonly #unspread = new Set<Spread>();
  /** Bodies whose events are being published here. */
  readonly #underWay = new Set<string>();
  #draining = false;
  #asking = false;

  constructor(options: BusPublishOptions) {
    this.#options = options;
    const { engine, gateway } = options;
    const { cluster } = engine;
    const { clock } = engine.options;
    this.#topic = `$publish.${gateway.name}`;
    this.#queue = new ForeignQueue({ now: () => clock.now() });
    this.#lease = cluster.lease(this.#topic);
    this.stops.push(
      this.#lease.onChange(() => void this.#drain()),
      cluster.answer(`${this.#topic}.done`, (value) => {
        for (const hash of hashes.parse(value)) this.#queue.settled(hash);
      }),
      cluster.answer(`${this.#topic}.state`, (value) => hashes.parse(value).map((hash) => this.#stateOf(hash))),
      cluster.onMembers({ reachable: () => this.#respread() }),
      clock.every(patienceMs, () => {
        this.#queue.prune();
        void this.#lookAfter();
      }),
    );
  }

  receive(text: string): void {
    if (text.length > publishDefaults.maxBytes) {
      this.#refused(`a body has at most ${publishDefaults.maxBytes} bytes`);
      return;
    }
    const letGo = this.#queue.add(text);
    if (letGo > 0 && this.#lease.held) {
      this.#options.logger.error(
        { gateway: this.#options.gateway.name },
        'bodies of the bus come too fast: the oldest is dropped',
      );
      this.#options.onOutcome?.('dropped');
    }
    void this.#drain();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.#lease.stop();
  }

  /** Publishes what waits, while it is this instance's to do, one body after the other. */
  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#lease.held) {
        const body = this.#queue.take();
        if (body === undefined) return;
        await this.#publish(body);
      }
    } finally {
      this.#draining = false;
    }
  }

  #stateOf(hash: string): 'published' | 'waiting' | 'unknown' {
    return this.#underWay.has(hash) ? 'waiting' : this.#queue.stateOf(hash);
  }

  /** One that fails here would fail on the others, too: it is over all the same. */
  async #publish(body: Body): Promise<void> {
    const { engine, gateway, logger, onOutcome } = this.#options;
    this.#underWay.add(body.hash);
    try {
      const outcome = await publishBody(gateway, body.text, publishDefaults);
      if (outcome.kind === 'refused') {
        this.#refused(outcome.error, outcome.issues);
        return;
      }
      for (const spread of outcome.spreads) this.#watch(spread);
      onOutcome?.('published');
    } catch (error) {
      logger.error({ gateway: gateway.name, err: error }, 'publishing a body of the bus failed');
    } finally {
      this.#underWay.delete(body.hash);
      this.#queue.published(body);
      engine.cluster.tell(`${this.#topic}.done`, [body.hash]);
    }
  }

  /** What the bus did not take goes out when it is back. */
  #watch(spread: Spread, done = spread.done): void {
    done.catch(() => {
      if (this.#unspread.size < maxUnspread) this.#unspread.add(spread);
      else
        this.#options.logger.error(
          { gateway: this.#options.gateway.name },
          'an event of the bus is delivered on this instance only',
        );
    });
  }

  #respread(): void {
    const unspread = [...this.#unspread];
    this.#unspread.clear();
    for (const spread of unspread) this.#watch(spread, spread.retry());
  }

  /** Where a body is left for too long, one of those that keep it asks after it. */
  async #lookAfter(): Promise<void> {
    const { cluster } = this.#options.engine;
    const { holder } = this.#lease;
    const left = this.#queue.olderThan(patienceMs);
    if (left.length === 0 || holder === undefined || this.#asking || this.#lease.deputy !== cluster.options.instance)
      return;
    this.#asking = true;
    try {
      const asked = left.map(({ hash }) => hash);
      const parse = (value: unknown) => states.safeParse(value).data;
      const { answers } = await cluster.ask(`${this.#topic}.state`, asked, {
        of: [holder],
        timeoutMs: askTimeoutMs,
        parse,
      });
      const known = answers.get(holder) ?? [];
      for (const [index, body] of left.entries()) {
        if (known[index] === 'waiting' || this.#queue.stateOf(body.hash) !== 'waiting') continue;
        this.#queue.settled(body.hash);
        if (known[index] !== 'published') await this.#publish(body);
      }
    } finally {
      this.#asking = false;
    }
  }

  #refused(error: string, issues: readonly object[] = []): void {
    const { gateway, logger, onOutcome } = this.#options;
    logger.warn(
      { gateway: gateway.name, error, issues: issues.slice(0, shownIssues) },
      'a body of the bus is not valid: ignored',
    );
    onOutcome?.('refused');
  }
}
