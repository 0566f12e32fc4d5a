import type { Clock } from '../../clock.js';
import { BusDownError } from '../../errors.js';
import { attempt } from '../../handlers.js';
import type { BrokerConnection, Channel } from './broker.js';

type Receive = (message: string) => void;

interface Waiting {
  readonly entry: Entry;
  readonly deadline: number;
  resolve(): void;
  reject(error: Error): void;
}

interface Entry {
  readonly channel: Channel;
  /** `wanted` is to be asked for, `asked` is on its way to the broker, `standing` was confirmed by it. */
  state: 'wanted' | 'asked' | 'standing';
  readonly receivers: Set<{ receive: Receive }>;
  readonly waiting: Set<Waiting>;
}

/** Channels in one request at most: 10,000 in one command would keep a broker busy for long. */
const maxBatch = 1000;

/** What is listened to, and how far the broker knows. Outlives connections. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();
  readonly #wanted = new Set<Entry>();
  /** Everybody who waits, in the order of their deadlines. */
  readonly #waiting = new Set<Waiting>();

  constructor(readonly options: { clock: Clock; subscribeTimeoutMs: number }) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Whether `ask` has something to do. */
  get isWanting(): boolean {
    return this.#wanted.size > 0;
  }

  /** Adds a receiver. Resolves with how to take it away again once the channel's subscription stands. */
  async add(channel: Channel, receive: Receive, unsubscribe: (channel: Channel) => void): Promise<() => void> {
    const entry = this.#entry(channel);
    const receiver = { receive };
    entry.receivers.add(receiver);
    const remove = () => {
      if (!entry.receivers.delete(receiver) || entry.receivers.size > 0) return;
      if (this.#entries.get(keyOf(channel)) === entry) this.#entries.delete(keyOf(channel));
      this.#wanted.delete(entry);
      if (entry.state === 'standing') unsubscribe(channel);
    };
    if (entry.state !== 'standing') {
      try {
        await this.#standing(entry);
      } catch (error) {
        remove();
        throw error;
      }
    }
    return remove;
  }

  deliver(name: string, isForeign: boolean, text: string, failed: (error: unknown) => void): void {
    const entry = this.#entries.get(keyOf({ name, isForeign }));
    if (entry === undefined) return;
    for (const receiver of [...entry.receivers]) attempt(() => receiver.receive(text), failed);
  }

  /** A new connection knows of none. */
  forgotten(): void {
    for (const entry of this.#entries.values()) {
      entry.state = 'wanted';
      this.#wanted.add(entry);
    }
  }

  /** Asks for what is wanted until nothing is. Rejects where the broker refuses something, or is lost. */
  async askForAll(connection: BrokerConnection): Promise<void> {
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      await this.#askFor(batch, connection);
    }
  }

  /** Like `askForAll`, but what the broker refuses is refused to those who wait for it, and to nobody else. */
  async askForEach(connection: BrokerConnection, isLost: () => boolean): Promise<void> {
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      try {
        await this.#askFor(batch, connection);
      } catch {
        // One of them was refused, which says nothing of the others.
        for (const entry of batch) {
          if (isLost()) return;
          await this.#askFor([entry], connection).catch((error: Error) => {
            if (!isLost()) this.#refuse(entry, error);
          });
        }
      }
    }
  }

  /** Gives up the waits that take too long. */
  expire(why: string): void {
    const now = this.options.clock.now();
    for (const waiting of this.#waiting) {
      if (waiting.deadline > now) return;
      this.#settle(waiting, new BusDownError(`no subscription in ${this.options.subscribeTimeoutMs} ms: ${why}`));
    }
  }

  clear(error: Error): void {
    for (const entry of this.#entries.values()) this.#refuse(entry, error);
    this.#entries.clear();
    this.#wanted.clear();
  }

  #entry(channel: Channel): Entry {
    const key = keyOf(channel);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { channel, state: 'wanted', receivers: new Set(), waiting: new Set() };
      this.#entries.set(key, entry);
      this.#wanted.add(entry);
    }
    return entry;
  }

  #standing(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = this.options.clock.now() + this.options.subscribeTimeoutMs;
      const waiting = { entry, deadline, resolve, reject };
      entry.waiting.add(waiting);
      this.#waiting.add(waiting);
    });
  }

  async #askFor(batch: readonly Entry[], connection: BrokerConnection): Promise<void> {
    for (const entry of batch) {
      entry.state = 'asked';
      this.#wanted.delete(entry);
    }
    await connection.subscribe(batch.map(({ channel }) => channel));
    for (const entry of batch) {
      if (entry.receivers.size === 0) {
        // Nobody wants it any more. Where somebody wants it anew, that is another entry, and the broker is asked again.
        if (!this.#entries.has(keyOf(entry.channel))) connection.unsubscribe(entry.channel);
        continue;
      }
      entry.state = 'standing';
      for (const waiting of [...entry.waiting]) this.#settle(waiting, null);
    }
  }

  #nextBatch(): Entry[] {
    const batch: Entry[] = [];
    for (const entry of this.#wanted) {
      if (batch.length === maxBatch) break;
      batch.push(entry);
    }
    return batch;
  }

  #refuse(entry: Entry, error: Error): void {
    const reason = error instanceof BusDownError ? error : new BusDownError(error.message, { cause: error });
    for (const waiting of [...entry.waiting]) this.#settle(waiting, reason);
  }

  #settle(waiting: Waiting, error: Error | null): void {
    waiting.entry.waiting.delete(waiting);
    this.#waiting.delete(waiting);
    if (error === null) waiting.resolve();
    else waiting.reject(error);
  }
}

function keyOf({ name, isForeign }: Channel): string {
  return (isForeign ? 'foreign ' : 'topic ') + name;
}
