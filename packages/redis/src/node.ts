import type { Channel, ConnectionEvents } from '@roomcast/engine';
import { type Client, type ClientOptions, openClient } from './client.js';

export interface NodeOptions extends Omit<ClientOptions, 'lost'> {
  /** Topics travel by sharded pub/sub. */
  readonly isSharded: boolean;
  readonly events: ConnectionEvents;
}

/**
 * The connections to one Redis server: one that listens and one that publishes, so that publications do not wait behind
 * what arrives. They are lost together.
 */
export class Node {
  private constructor(
    readonly options: NodeOptions,
    readonly publisher: Client,
    readonly subscriber: Client,
  ) {}

  static async open(options: NodeOptions): Promise<Node> {
    const clientOptions = { ...options, lost: (cause: Error) => options.events.lost(cause) };
    const [publisher, subscriber] = await Promise.allSettled([openClient(clientOptions), openClient(clientOptions)]);
    if (publisher.status === 'fulfilled' && subscriber.status === 'fulfilled') {
      const node = new Node(options, publisher.value, subscriber.value);
      // A slot has moved to another server: topics of it are to be asked for there.
      subscriber.value.on('sharded-channel-moved', () => options.events.lost(new Error('the cluster has moved slots')));
      return node;
    }
    for (const client of [publisher, subscriber]) if (client.status === 'fulfilled') client.value.destroy();
    throw publisher.status === 'rejected' ? publisher.reason : (subscriber as PromiseRejectedResult).reason;
  }

  async publish(topic: string, message: string): Promise<void> {
    if (this.options.isSharded) await this.publisher.sPublish(topic, message);
    else await this.publisher.publish(topic, message);
  }

  async subscribe(channels: readonly Channel[]): Promise<void> {
    const foreign = names(channels, true);
    const topics = names(channels, false);
    const plain = this.options.isSharded ? [] : topics;
    await Promise.all([
      foreign.length > 0 && this.subscriber.subscribe(foreign, this.#foreign),
      plain.length > 0 && this.subscriber.subscribe(plain, this.#topic),
      // One command takes channels of one slot only.
      ...(this.options.isSharded ? topics.map((topic) => this.subscriber.sSubscribe(topic, this.#topic)) : []),
    ]);
  }

  unsubscribe({ name, isForeign }: Channel): void {
    // Where it fails, the connection is lost, and with it the subscription.
    this.#unsubscribe(name, isForeign).catch(() => {});
  }

  ping(): Promise<unknown> {
    return Promise.all([this.publisher.ping(), this.subscriber.ping()]);
  }

  get(key: string): Promise<string | null> {
    return this.publisher.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    await this.publisher.set(key, value);
  }

  /** A replica hears publications as well: only asking tells one that was a master once. */
  async isMaster(): Promise<boolean> {
    const [role] = (await this.publisher.sendCommand(['ROLE'])) as unknown[];
    return role === 'master';
  }

  close(): void {
    this.publisher.destroy();
    this.subscriber.destroy();
  }

  readonly #topic = (text: string, name: string) => this.options.events.message(name, false, text);
  readonly #foreign = (text: string, name: string) => this.options.events.message(name, true, text);

  #unsubscribe(name: string, isForeign: boolean): Promise<void> {
    if (isForeign) return this.subscriber.unsubscribe(name, this.#foreign);
    if (this.options.isSharded) return this.subscriber.sUnsubscribe(name, this.#topic);
    return this.subscriber.unsubscribe(name, this.#topic);
  }
}

function names(channels: readonly Channel[], foreign: boolean): string[] {
  return channels.filter(({ isForeign }) => isForeign === foreign).map(({ name }) => name);
}
