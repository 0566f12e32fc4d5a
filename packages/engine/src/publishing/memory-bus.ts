import { type Clock, type Stop, systemClock } from '../clock.js';
import { BusDownError } from '../errors.js';
import { attempt } from '../handlers.js';
import { consoleLogger, type Logger } from '../observe/logger.js';
import type { Bus, BusStatus } from './bus.js';

/** What becomes of one message on its way to one instance. */
export type Fate = 'deliver' | 'drop' | { delayMs: number };

export interface MemoryBrokerOptions {
  /**
   * Decides each message's fate, so that tests can lose, delay and thereby reorder.
   * @default everything is delivered in the next turn of the event loop
   */
  fate?: (message: { topic: string; text: string; to: string }) => Fate;
  clock?: Clock;
  /** Hears of receivers that throw. @default warnings and errors on standard error */
  logger?: Logger;
}

/** A broker in this process: engines that connect to it hear each other, and its faults are the test's to choose. */
export class MemoryBroker {
  readonly #connections = new Set<MemoryBus>();
  #count = 0;

  constructor(readonly options: MemoryBrokerOptions = {}) {}

  /** A connection for one engine. `name` is what `fate` sees as `to`. */
  connect(name = `connection-${++this.#count}`): MemoryBus {
    const bus: MemoryBus = new MemoryBus(
      name,
      (topic, text) => this.#spread(bus, topic, text),
      () => this.#connections.delete(bus),
      this.options.logger ?? consoleLogger,
    );
    this.#connections.add(bus);
    return bus;
  }

  /** What a program that is no instance publishes: every connection that listens to the channel hears it. */
  publishForeign(channel: string, text: string): void {
    for (const to of this.#connections) setImmediate(() => to.deliverForeign(channel, text));
  }

  #spread(from: MemoryBus, topic: string, text: string): void {
    const { fate, clock = systemClock } = this.options;
    for (const to of this.#connections) {
      if (to === from || !to.wants(topic)) continue;
      const decided = fate?.({ topic, text, to: to.name }) ?? 'deliver';
      if (decided === 'drop') continue;
      if (decided === 'deliver') setImmediate(() => to.deliver(topic, text));
      else clock.after(decided.delayMs, () => to.deliver(topic, text));
    }
  }
}

type Receivers = Map<string, Set<{ receive(message: string): void }>>;

/** One engine's connection to a `MemoryBroker`. `setStatus('down')` cuts it off, `setStatus('up')` brings it back. */
export class MemoryBus implements Bus {
  #status: BusStatus = 'up';
  readonly #receivers: Receivers = new Map();
  readonly #foreign: Receivers = new Map();
  readonly #listeners = new Set<(status: BusStatus) => void>();

  constructor(
    readonly name: string,
    readonly spread: (topic: string, text: string) => void,
    readonly disconnect: () => void,
    readonly logger: Logger = consoleLogger,
  ) {}

  get status(): BusStatus {
    return this.#status;
  }

  setStatus(status: BusStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
  }

  async publish(topic: string, message: string): Promise<void> {
    if (this.#status === 'down') throw new BusDownError();
    this.spread(topic, message);
  }

  async subscribe(topic: string, receive: (message: string) => void): Promise<() => void> {
    return add(this.#receivers, topic, receive);
  }

  async subscribeForeign(channel: string, receive: (message: string) => void): Promise<() => void> {
    return add(this.#foreign, channel, receive);
  }

  wants(topic: string): boolean {
    return this.#receivers.has(topic);
  }

  deliver(topic: string, text: string): void {
    this.#hand(this.#receivers.get(topic), text);
  }

  deliverForeign(channel: string, text: string): void {
    this.#hand(this.#foreign.get(channel), text);
  }

  onStatus(listener: (status: BusStatus) => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.disconnect();
    this.#receivers.clear();
    this.#foreign.clear();
    this.setStatus('down');
  }

  #hand(receivers: Iterable<{ receive(message: string): void }> = [], text: string): void {
    if (this.#status === 'down') return;
    for (const receiver of [...receivers]) {
      attempt(
        () => receiver.receive(text),
        (error) => this.logger.error({ err: error }, 'receiving a message of the bus failed'),
      );
    }
  }
}

function add(receivers: Receivers, channel: string, receive: (message: string) => void): () => void {
  const receiver = { receive };
  const those = receivers.get(channel) ?? new Set();
  receivers.set(channel, those.add(receiver));
  return () => {
    those.delete(receiver);
    if (those.size === 0 && receivers.get(channel) === those) receivers.delete(channel);
  };
}
