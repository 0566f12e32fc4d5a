import type { Clock, Stop } from '../clock.js';
import { attempt } from '../handlers.js';
import type { Logger } from '../observe/logger.js';
import type { Bus } from '../publishing/bus.js';
import { beginning } from '../publishing/envelope.js';
import { Standing } from '../publishing/standing.js';
import { StrangeMessages } from '../publishing/strange-messages.js';
import { Lease } from './lease.js';
import { beatEveryMs, Members } from './members.js';
import { type Outgoing, parseClusterMessage } from './messages.js';
import { ownerOf } from './owner.js';
import { type AnswerHandler, type Answers, type AskOptions, Questions } from './questions.js';
import { type Counted, Rate, type RateOptions } from './rate.js';
import type { Share } from './share.js';
import { Shares } from './shares.js';
import { Throttle } from './throttle.js';

export interface ClusterOptions {
  instance: string;
  bus: Bus | undefined;
  clock: Clock;
  logger: Logger;
}

/** Told of members that come and go. */
export interface MemberListener {
  joined?(member: string): void;
  gone?(member: string): void;
  /** The bus, which was down, is up: others can be reached again, or soon. */
  reachable?(): void;
}

/** What all instances hear. */
const busTopic = 'roomcast.$cluster';
/** What one instance hears: answers, and shares it has asked for. */
const inboxTopic = (instance: string) => `${busTopic}.${instance}`;

/** How long an instance that hears the others waits to have heard of all of them, in milliseconds. */
const settleMs = 2000;
/** And how long one that hears nobody, because the bus is not there, in milliseconds. */
const settleAloneMs = 10_000;

/** What the instances know of each other: who is there, shared values, who owns what, and answers to questions. */
export class Cluster {
  readonly members: Members;
  readonly #shares: Shares;
  readonly #leases = new Map<string, Lease>();
  readonly #listeners = new Set<MemberListener>();
  readonly #questions: Questions;
  readonly #stops: Stop[] = [];
  readonly #strange: StrangeMessages;
  /** What the instance's own messages begin with. */
  readonly #own: string;
  #settledAt: number;
  readonly #standing: Standing | undefined;
  #closed = false;

  constructor(readonly options: ClusterOptions) {
    const { instance, bus, clock } = options;
    this.#own = beginning(instance);
    this.#strange = new StrangeMessages(options);
    this.members = new Members(instance, clock, {
      joined: (member) => this.#tellMember((listener) => listener.joined?.(member)),
      gone: (member) => {
        this.#shares.forget(member);
        this.#questions.gone(member);
        this.#tellMember((listener) => listener.gone?.(member));
      },
    });
    this.#shares = new Shares({
      self: instance,
      isAlone: bus === undefined,
      send: (message, to) => this.#send(message, to),
      failed: (error) => this.failed(error, 'a listener of a share failed'),
    });
    this.#questions = new Questions({
      self: instance,
      clock,
      members: () => this.members.ids(),
      has: (member) => this.members.has(member),
      send: (message, to) => this.#send(message, to),
      failed: (error, message) => this.failed(error, message),
    });
    this.#settledAt = bus === undefined ? 0 : clock.now() + settleAloneMs;
    if (bus === undefined) return;
    this.#standing = new Standing(bus, () => this.#subscribe(bus));
    this.#stops.push(
      clock.every(beatEveryMs, () => {
        this.#shares.beat();
        this.members.expire();
      }),
      bus.onStatus((status) => {
        if (status === 'down') return;
        this.#shares.hello();
        this.#tellMember((listener) => listener.reachable?.());
      }),
    );
  }

  /** Messages of the others that were none of ours, or of another version. */
  get ignored(): number {
    return this.#strange.count;
  }

  /** Resolves once this instance hears the others; asks again where the bus has refused before. */
  async ready(): Promise<void> {
    await this.#standing?.ready();
  }

  /** The share of that name; all who ask get the same one. */
  share<Value>(name: string): Share<Value> {
    return this.#shares.get(name) as Share<Value>;
  }

  /** The instance that a key belongs to. */
  owner(key: string): string {
    return ownerOf(key, this.members.ids()) ?? this.options.instance;
  }

  isOwner(key: string): boolean {
    return this.owner(key) === this.options.instance;
  }

  /** Something that one instance at a time has, and keeps while it lives. All who ask by a name get the same one. */
  lease(name: string): Lease {
    let lease = this.#leases.get(name);
    if (lease === undefined || lease.isStopped) {
      lease = new Lease(name, {
        self: this.options.instance,
        clock: this.options.clock,
        claims: this.share<number>('$leases'),
        isSettled: () => this.options.clock.now() >= this.#settledAt,
        failed: (error) => this.failed(error, 'a listener of a lease failed'),
      });
      this.#leases.set(name, lease);
    }
    return lease;
  }

  /** Runs something at most once in `everyMs` for each key, in the whole cluster. */
  throttle(everyMs: number): Throttle {
    const throttle = new Throttle(this.options.clock, everyMs, {
      isOwner: (key) => this.isOwner(key),
      failed: (error) => this.failed(error, 'a throttled task failed'),
    });
    this.#stops.push(() => throttle.stop());
    return throttle;
  }

  /** Counts how often something happens, on all instances together; approximate. */
  rate(name: string, options: RateOptions): Rate {
    return new Rate(this.share<Counted>(`$rate.${name}`), this.options.clock, options);
  }

  /** Has this instance answer questions of a name, its own too. Throws where the name is taken. */
  answer(name: string, handler: AnswerHandler): Stop {
    return this.#questions.handle(name, handler);
  }

  /**
   * Asks the members, and gathers what they answer in time. It never rejects for what others do: who did not answer is
   * in `missing`, with the reason. Throws `RoomcastError` where the question has more than 256 Ki characters.
   */
  ask<Answer = unknown>(name: string, question: unknown, options?: AskOptions<Answer>): Promise<Answers<Answer>> {
    return this.#questions.ask(name, question, options);
  }

  /** Has the others' handlers of a question run (or that of one instance), with nobody waiting for an answer. */
  tell(name: string, value: unknown, to?: string): void {
    this.#questions.tell(name, value, to);
  }

  /** Tells of members that come and go from now on. */
  onMembers(listener: MemberListener): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something of the application that ran for the cluster has thrown or rejected. */
  failed(error: unknown, message: string): void {
    this.options.logger.error({ err: error }, message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#send({ kind: 'bye' });
    for (const lease of this.#leases.values()) lease.stop();
    this.#standing?.stop();
    for (const stop of this.#stops) stop();
    this.#questions.close();
  }

  async #subscribe(bus: Bus): Promise<void> {
    const stops: Stop[] = [];
    try {
      // The inbox first: whoever hears of this instance may write to it.
      for (const topic of [inboxTopic(this.options.instance), busTopic]) {
        stops.push(await bus.subscribe(topic, (text) => this.#receive(topic, text)));
      }
    } catch (error) {
      // All of it is asked for again: what stands would then be heard twice.
      for (const stop of stops) stop();
      throw error;
    }
    if (this.#closed) for (const stop of stops) stop();
    else this.#stops.push(...stops);
    this.#settledAt = Math.min(this.#settledAt, this.options.clock.now() + settleMs);
    // The others may know of this instance from what it has said before, and have answered before it could hear them.
    this.#shares.hello();
  }

  #receive(topic: string, text: string): void {
    if (this.#closed || text.startsWith(this.#own)) return;
    const message = parseClusterMessage(text);
    if (message === undefined) {
      this.#strange.note(topic);
      return;
    }
    if (message.from === this.options.instance) return;
    if (message.kind === 'bye') {
      this.members.left(message.from);
      return;
    }
    const isNew = this.members.heard(message.from);
    if (isNew || message.kind === 'hello') this.#shares.beat(message.from);
    switch (message.kind) {
      case 'beat':
      case 'hello':
      case 'want':
      case 'full':
      case 'delta':
        this.#shares.receive(message);
        break;
      default:
        this.#questions.receive(message);
    }
  }

  #tellMember(told: (listener: MemberListener) => unknown): void {
    for (const listener of [...this.#listeners]) {
      attempt(
        () => told(listener),
        (error) => this.failed(error, 'a listener for members failed'),
      );
    }
  }

  /** Whether the bus has it. */
  async #send(message: Outgoing, to?: string): Promise<boolean> {
    const { bus } = this.options;
    if (bus === undefined || (this.#closed && message.kind !== 'bye')) return false;
    try {
      const text = this.#own + JSON.stringify(message).slice(1);
      await bus.publish(to === undefined ? busTopic : inboxTopic(to), text);
      return true;
    } catch {
      // The bus is down, which its status says.
      return false;
    }
  }
}
