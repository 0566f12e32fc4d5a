import { type Bus, BusDownError, type BusStatus, type MemoryBus, type Stop } from '../../src/index.js';

/** A connection whose subscriptions the test lets through or refuses, one by one. */
export class GatedBus implements Bus {
  /** The topics that wait for `admit` or `refuse`. */
  readonly waiting: { topic: string; admit(): void; refuse(): void }[] = [];
  /** Which topics have to wait. */
  gated: (topic: string) => boolean = () => false;
  readonly subscribed: string[] = [];
  readonly unsubscribed: string[] = [];

  constructor(readonly bus: MemoryBus) {}

  get status(): BusStatus {
    return this.bus.status;
  }

  publish(topic: string, message: string): Promise<void> {
    return this.bus.publish(topic, message);
  }

  async subscribe(topic: string, receive: (message: string) => void): Promise<() => void> {
    if (this.gated(topic)) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.push({ topic, admit: resolve, refuse: () => reject(new BusDownError()) });
      });
    }
    const unsubscribe = await this.bus.subscribe(topic, receive);
    this.subscribed.push(topic);
    return () => {
      this.unsubscribed.push(topic);
      unsubscribe();
    };
  }

  onStatus(listener: (status: BusStatus) => void): Stop {
    return this.bus.onStatus(listener);
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}
