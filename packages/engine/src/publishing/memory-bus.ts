import { type Clock, type Stop, systemClock } from '../clock.js';
import { BusDownError } from '../errors.js';
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
    );
    this.#connections.add(bus);
    return bus;
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

/** One engine's connection to a `MemoryBroker`. `setStatus('down')` cuts it off, `setStatus('up')` brings it back. */
export class MemoryBus implements Bus {
  #status: BusStatus = 'up';
  readonly #receivers = new Map<string, Set<(message: string) => void>>();
  readonly #listeners = new Set<(status: BusStatus) => void>();

  constructor(
    readonly name: string,
    readonly spread: (topic: string, text: string) => void,
    readonly disconnect: () => void,
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
    const receivers = this.#receivers.get(topic) ?? new Set();
    this.#receivers.set(topic, receivers.add(receive));
    return () => {
      receivers.delete(receive);
      if (receivers.size === 0 && this.#receivers.get(topic) === receivers) this.#receivers.delete(topic);
    };
  }

  wants(topic: string): boolean {
    return this.#receivers.has(topic);
  }

  deliver(topic: string, text: string): void {
    if (this.#status === 'down') return;
    for (const receive of [...(this.#receivers.get(topic) ?? [])]) receive(text);
  }

  onStatus(listener: (status: BusStatus) => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.disconnect();
    this.#receivers.clear();
    this.setStatus('down');
  }
}
