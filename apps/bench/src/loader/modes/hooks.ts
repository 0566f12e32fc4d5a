import type { Socket } from 'node:net';
import { Crowd } from '../crowd.js';
import { HookReceiver } from '../hooks.js';
import { Meter, type Samples, sample } from '../meter.js';
import { percentile } from '../percentile.js';
import type { Site } from '../site.js';
import { at } from '../traffic.js';
import { settled } from '../wait.js';

/** Killmails that a server posts to every subscriber. */
export interface HooksLoad {
  readonly mode: 'hooks';
  readonly subscribers: number;
  /** Deliveries a second. */
  readonly calm: number;
  readonly seconds: number;
}

/** Samples `cpuCalm` (µs per delivery), `p50` and `p99` (µs), as the calm phase of a room has them. */
export async function hooks({ subscribers, calm, seconds }: HooksLoad, site: Site): Promise<Samples> {
  const receiver = new HookReceiver();
  const port = await receiver.listen();
  const crowd = new Crowd(site.target, site.speech);
  const [publisher] = await crowd.enter(crowd.publishers(1));
  const urls = Array.from({ length: subscribers }, (_, n) => `http://127.0.0.1:${port}/hook/${n}`);
  publisher?.send(JSON.stringify({ t: 'join', rooms: urls }));

  const warm = Math.max(2, Math.floor((calm / subscribers) * (seconds / 4)));
  const total = warm + Math.ceil((calm / subscribers) * seconds);
  const dueAt: number[] = [];
  const latencies: number[] = [];
  const numbers = new Map<Socket, number>();
  let received = 0;
  // Each subscriber has a connection of its own, on which requests come in order: their number is the event's.
  receiver.onRequest = (socket) => {
    const n = numbers.get(socket) ?? 0;
    numbers.set(socket, n + 1);
    received++;
    if (n >= warm) latencies.push(performance.now() - (dueAt[n] ?? 0));
  };
  const start = performance.now() + 50;
  let meter = new Meter(site.placement);
  let before = 0;
  for (let n = 0; n < total; n++) {
    const due = start + (n * 1000 * subscribers) / calm;
    await at(due);
    if (n === warm) {
      meter = new Meter(site.placement);
      before = received;
    }
    dueAt.push(due);
    publisher?.send(site.speech.publish('r0', n));
  }
  const complete = await settled(() => received >= total * subscribers, 15_000);
  const { serverMicros, doubt: noise } = meter.read({ paced: true });
  const doubt = complete ? noise : `${total * subscribers - received} webhooks never came`;
  latencies.sort((a, b) => a - b);
  return {
    cpuCalm: sample(serverMicros / Math.max(1, received - before), doubt),
    p50: sample(percentile(latencies, 0.5) * 1000, doubt),
    p99: sample(percentile(latencies, 0.99) * 1000, doubt),
  };
}
