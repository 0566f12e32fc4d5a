import type { Clock, Stop } from '../clock.js';
import type { Logger } from '../observe/logger.js';
import type { Bus } from '../publishing/bus.js';
import { beatEveryMs, Members } from './members.js';
import { type ClusterMessage, parseClusterMessage } from './messages.js';
import { ownerOf } from './owner.js';
import { Share } from './shares.js';
import { Throttle } from './throttle.js';

export interface ClusterOptions {
  instance: string;
  bus: Bus | undefined;
  clock: Clock;
  logger: Logger;
}

const busTopic = 'roomcast.$cluster';

/** Messages without the sender, which is always this instance. */
type Outgoing = ClusterMessage extends infer Message
  ? Message extends unknown
    ? Omit<Message, 'from'>
    : never
  : never;

/** What the instances know of each other: who is there, shared values, and who owns what. */
export class Cluster {
  readonly members: Members;
  readonly #shares = new Map<string, Share<unknown>>();
  readonly #changed = new Set<Share<unknown>>();
  readonly #stops: Stop[] = [];
  #standing: Promise<void> | null = null;
  #closed = false;

  constructor(readonly options: ClusterOptions) {
    const { instance, bus, clock } = options;
    this.members = new Members(instance, clock, {
      joined: () => this.#beat(),
      gone: (member) => {
        for (const share of this.#shares.values()) share.forget(member);
      },
    });
    if (bus === undefined) return;
    // Awaited by `ready()`, which asks again and reports a failure.
    void this.#subscribe(bus).catch(() => {});
    this.#stops.push(
      clock.every(beatEveryMs, () => {
        this.#beat();
        this.members.expire();
      }),
      bus.onStatus((status) => {
        if (status === 'up') this.#beat();
      }),
    );
  }

  /** Resolves once this instance hears the others; asks again where the bus has refused before. */
  async ready(): Promise<void> {
    const { bus } = this.options;
    if (bus !== undefined) await this.#subscribe(bus);
  }

  /** The share of that name; all who ask get the same one. */
  share<Value>(name: string): Share<Value> {
    let share = this.#shares.get(name);
    if (share === undefined) {
      share = new Share<unknown>(name, {
        self: this.options.instance,
        changed: (changed) => this.#schedule(changed),
        failed: (error) => this.failed(error, 'a listener of a share failed'),
      });
      this.#shares.set(name, share);
    }
    return share as Share<Value>;
  }

  /** The instance that a key belongs to. */
  owner(key: string): string {
    return ownerOf(key, this.members.ids()) ?? this.options.instance;
  }

  isOwner(key: string): boolean {
    return this.owner(key) === this.options.instance;
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

  /** Something of the application that ran for the cluster has thrown or rejected. */
  failed(error: unknown, message: string): void {
    this.options.logger.error({ err: error }, message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#send({ kind: 'bye' });
    for (const stop of this.#stops) stop();
  }

  #subscribe(bus: Bus): Promise<void> {
    this.#standing ??= bus
      .subscribe(busTopic, (text) => this.#receive(text))
      .then(
        (unsubscribe) => {
          if (this.#closed) unsubscribe();
          else this.#stops.push(unsubscribe);
          this.#beat();
        },
        (error: unknown) => {
          this.#standing = null;
          throw error;
        },
      );
    return this.#standing;
  }

  #receive(text: string): void {
    const message = parseClusterMessage(text);
    if (message === undefined) {
      this.options.logger.warn({}, 'a message on the cluster topic of the bus is none of ours: ignored');
      return;
    }
    if (message.from === this.options.instance || this.#closed) return;
    if (message.kind === 'bye') {
      this.members.left(message.from);
      return;
    }
    this.members.heard(message.from);
    switch (message.kind) {
      case 'beat':
        for (const [name, version] of Object.entries(message.shares)) {
          if (this.share(name).versionOf(message.from) !== version) this.#want(message.from, name);
        }
        break;
      case 'want':
        if (message.to === this.options.instance) this.#sendFull(message.share);
        break;
      case 'full':
        this.share(message.share).replace(message.from, message.version, message.entries);
        break;
      case 'delta': {
        const follows = this.share(message.share).change(message.from, message.version, message.entries);
        if (!follows) this.#want(message.from, message.share);
        break;
      }
    }
  }

  /** Changes of one tick travel together. */
  #schedule(share: Share<unknown>): void {
    if (this.options.bus === undefined) {
      share.takeChanges();
      return;
    }
    if (this.#changed.size === 0) setImmediate(() => this.#sendChanges());
    this.#changed.add(share);
  }

  #sendChanges(): void {
    for (const share of this.#changed) {
      void this.#send({ kind: 'delta', share: share.name, ...share.takeChanges() });
    }
    this.#changed.clear();
  }

  #sendFull(name: string): void {
    const share = this.#shares.get(name);
    if (share === undefined) return;
    // Changes that are not sent yet are in it already; being told of them again does no harm.
    void this.#send({ kind: 'full', share: name, version: share.version, entries: share.entries() });
  }

  #want(to: string, share: string): void {
    void this.#send({ kind: 'want', to, share });
  }

  #beat(): void {
    const shares = Object.fromEntries([...this.#shares.values()].map((share) => [share.name, share.version]));
    void this.#send({ kind: 'beat', shares });
  }

  /** What does not get through is made good by a later beat: versions differ, and the whole share is asked for. */
  async #send(message: Outgoing): Promise<void> {
    const { bus, instance } = this.options;
    if (bus === undefined || (this.#closed && message.kind !== 'bye')) return;
    try {
      await bus.publish(busTopic, JSON.stringify({ from: instance, ...message }));
    } catch {
      // The bus is down, which its status says.
    }
  }
}
