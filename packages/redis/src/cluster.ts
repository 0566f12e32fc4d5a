import { BusDownError, type Channel, type ConnectionEvents } from '@roomcast/engine';
import { openClient } from './client.js';
import { type ConnectOptions, type RedisConnection, tryEach } from './connection.js';
import { Node } from './node.js';
import { explain } from './problems.js';
import { SlotMap, type SlotRange } from './slots.js';
import type { Address } from './url.js';

/**
 * The connections to all masters of a cluster, lost together: a topic's home is the master of its slot, and when masters
 * or slots change, all of it is asked for anew.
 */
export function connectCluster(options: ConnectOptions): Promise<RedisConnection> {
  return tryEach(options, async (address, left) => {
    // Half of what is left, so that a node that does not answer leaves time for another one.
    const ranges = await askForSlots(options, address, left() / 2);
    const nodes = await openAll(options, ranges, left());
    const slots = new SlotMap(
      ranges.map(({ from, to, master }) => ({ from, to, master: nodes.get(keyOf(master)) as Node })),
    );
    return new ClusterConnection([...nodes.values()], slots, options.events);
  });
}

class ClusterConnection implements RedisConnection {
  constructor(
    readonly nodes: readonly Node[],
    readonly slots: SlotMap<Node>,
    readonly events: ConnectionEvents,
  ) {}

  publish(topic: string, message: string): Promise<void> {
    return this.#watched(this.#home(topic).publish(topic, message));
  }

  async subscribe(channels: readonly Channel[]): Promise<void> {
    const byNode = new Map<Node, Channel[]>();
    for (const channel of channels) {
      const node = this.#homeOf(channel);
      const those = byNode.get(node);
      if (those === undefined) byNode.set(node, [channel]);
      else those.push(channel);
    }
    await this.#watched(Promise.all([...byNode].map(([node, those]) => node.subscribe(those))));
  }

  unsubscribe(channel: Channel): void {
    this.#homeOf(channel).unsubscribe(channel);
  }

  ping(): Promise<unknown> {
    return Promise.all(this.nodes.map((node) => node.ping()));
  }

  close(): void {
    for (const node of this.nodes) node.close();
  }

  get(key: string): Promise<string | null> {
    return this.#watched(this.#home(key).get(key));
  }

  set(key: string, value: string): Promise<void> {
    return this.#watched(this.#home(key).set(key, value));
  }

  #home(name: string): Node {
    return this.slots.of(name) as Node;
  }

  /** What others publish the plain way is to be had from every server of a cluster. */
  #homeOf({ name, isForeign }: Channel): Node {
    return isForeign ? (this.nodes[0] as Node) : this.#home(name);
  }

  async #watched<Value>(answer: Promise<Value>): Promise<Value> {
    try {
      return await answer;
    } catch (error) {
      if (/^(?:MOVED|ASK|CLUSTERDOWN|READONLY) /.test((error as Error).message)) {
        this.events.lost(new BusDownError('the cluster has moved slots, or does not serve them', { cause: error }));
      }
      throw error;
    }
  }
}

async function askForSlots(
  options: ConnectOptions,
  address: Address,
  timeoutMs: number,
): Promise<SlotRange<Address>[]> {
  const client = await openClient({ ...options, address, timeoutMs, lost: () => {} });
  try {
    const ranges = await client.clusterSlots();
    const covered = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (covered < 16_384) throw new BusDownError(`${options.target.name} serves ${covered} of 16384 slots`);
    return ranges.map(({ from, to, master }) => ({
      from,
      to,
      // A server that does not know its own address means the one that we have reached it by.
      master: { host: master.host || address.host, port: master.port },
    }));
  } catch (error) {
    throw explain(options.target.name, error);
  } finally {
    client.destroy();
  }
}

async function openAll(
  options: ConnectOptions,
  ranges: readonly SlotRange<Address>[],
  timeoutMs: number,
): Promise<Map<string, Node>> {
  const masters = new Map(ranges.map(({ master }) => [keyOf(master), master]));
  const opening = [...masters].map(async ([key, address]) => {
    return [key, await Node.open({ ...options, address, timeoutMs, isSharded: true })] as const;
  });
  const opened = await Promise.allSettled(opening);
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed === undefined) return new Map(await Promise.all(opening));
  for (const one of opened) if (one.status === 'fulfilled') one.value[1].close();
  throw failed.reason;
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
