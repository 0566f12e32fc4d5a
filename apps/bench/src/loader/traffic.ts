import type { Client } from './client.js';
import type { Crowd } from './crowd.js';
import { Meter, type Placement, type Reading, type Samples, sample } from './meter.js';
import { percentile } from './percentile.js';
import { settled, sleep } from './wait.js';

/** What is published, and to how many each event goes. */
export interface Publishing {
  readonly publishers: readonly Client[];
  /** The rooms, with the number of members in each. An event goes to one of them, at random but alike in every run. */
  readonly rooms: readonly { readonly name: string; readonly members: number }[];
}

/** What a phase showed. */
export interface Traffic extends Reading {
  readonly deliveries: number;
  readonly events: number;
}

export interface PacedTraffic extends Traffic {
  /** What is wrong with the latencies: more than with the costs, where the loader was late. */
  readonly latencyDoubt: string | undefined;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** A moment from which a phase is counted. */
interface Mark {
  readonly meter: Meter;
  readonly delivered: number;
  readonly published: number;
}

const drainMs = 15_000;
/** A timer may be this late; the last stretch before an event is waited for busily. */
const timerMs = 1.5;
/** An event that is sent this long after its time makes the loader late, and latencies its own. */
const lateMs = 2;
const maxLateShare = 0.05;

/** Publishes and counts what comes back. */
export class TrafficSource {
  expected = 0;
  delivered = 0;
  #published = 0;
  #random = 88_172_645;
  readonly #meanMembers: number;

  constructor(
    readonly crowd: Crowd,
    readonly publishing: Publishing,
    readonly placement: Placement,
  ) {
    const { rooms } = publishing;
    this.#meanMembers = rooms.reduce((sum, room) => sum + room.members, 0) / rooms.length;
    this.#countOnly();
  }

  /**
   * A closed loop: as many events under way as `window` says, at all times. What is measured begins after
   * `warmSeconds`, and takes so many seconds or until what it starts is done, which shares the loader's core.
   */
  async saturate(window: number, warmSeconds: number, phase: number | (() => Promise<unknown>)): Promise<Traffic> {
    const limit = (window - 0.999) * this.#meanMembers + 0.5;
    let waiting = false;
    const fill = () => {
      waiting = false;
      while (this.expected - this.delivered < limit) this.publish();
    };
    this.crowd.onFrames = (_client, count) => {
      this.delivered += count;
      // After all sockets that had something: one event at a time would keep the server from coalescing.
      if (!waiting && this.expected - this.delivered < limit) {
        waiting = true;
        setImmediate(fill);
      }
    };
    fill();
    await sleep(warmSeconds * 1000);
    const from = this.#mark();
    await (typeof phase === 'number' ? sleep(phase * 1000) : phase());
    const traffic = this.#since(from, { shared: typeof phase !== 'number' });
    this.#countOnly();
    const complete = await settled(() => this.delivered >= this.expected, drainMs);
    return complete ? traffic : { ...traffic, doubt: `${this.expected - this.delivered} deliveries never came` };
  }

  /**
   * An open loop: `perSecond` events, whatever comes back. In one room an event's number is that of the frame, so
   * latency is known without looking into it; it counts from the time at which the event was due.
   */
  async pace(perSecond: number, warmSeconds: number, seconds: number): Promise<PacedTraffic> {
    const total = Math.ceil(perSecond * (warmSeconds + seconds));
    const warm = Math.floor(perSecond * warmSeconds);
    const dueAt = new Float64Array(total);
    const latencies = new Float64Array(Math.ceil((total - warm) * this.#meanMembers * 1.1) + 1000);
    let measured = 0;
    for (const client of this.crowd.clients) client.frameCount = 0;
    this.crowd.onFrames = (client, count) => {
      this.delivered += count;
      const now = performance.now();
      for (let n = client.frameCount; n < client.frameCount + count; n++) {
        if (n >= warm && n < total && measured < latencies.length) latencies[measured++] = now - (dueAt[n] ?? now);
      }
    };
    const start = performance.now() + 20;
    let from = this.#mark();
    let late = 0;
    for (let n = 0; n < total; n++) {
      if (n === warm) from = this.#mark();
      const due = start + (n * 1000) / perSecond;
      await at(due);
      dueAt[n] = due;
      if (performance.now() - due > lateMs) late++;
      this.publish();
    }
    const traffic = this.#since(from, { paced: true });
    const complete = await settled(() => this.delivered >= this.expected, drainMs);
    const sorted = latencies.subarray(0, measured).sort();
    const lateDoubt = late / total > maxLateShare ? `the loader sent ${late} of ${total} events late` : undefined;
    const lostDoubt = complete ? undefined : `${this.expected - this.delivered} deliveries never came`;
    const doubt = lostDoubt ?? traffic.doubt;
    return {
      ...traffic,
      doubt,
      latencyDoubt: doubt ?? lateDoubt,
      p50Us: percentile(sorted, 0.5) * 1000,
      p99Us: percentile(sorted, 0.99) * 1000,
    };
  }

  publish(): void {
    const { publishers, rooms } = this.publishing;
    const room = rooms[rooms.length === 1 ? 0 : this.#nextRandom() % rooms.length];
    const publisher = publishers[this.#published % publishers.length];
    if (room === undefined || publisher === undefined) return;
    this.expected += room.members;
    publisher.send(this.crowd.speech.publish(room.name, this.#published++));
  }

  #countOnly(): void {
    this.crowd.onFrames = (_client, count) => {
      this.delivered += count;
    };
  }

  /** xorshift, so that every server is sent the same. */
  #nextRandom(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x >>> 0;
  }

  #mark(): Mark {
    return { meter: new Meter(this.placement), delivered: this.delivered, published: this.#published };
  }

  #since({ meter, delivered, published }: Mark, conditions: { paced?: boolean; shared?: boolean }): Traffic {
    const reading = meter.read(conditions);
    return {
      ...reading,
      doubt: this.crowd.doubt ?? reading.doubt,
      deliveries: this.delivered - delivered,
      events: this.#published - published,
    };
  }
}

/** Waits by timer, and busily for the last stretch; sockets are read all the while. */
export async function at(due: number): Promise<void> {
  const wait = due - performance.now();
  if (wait > timerMs) await sleep(wait - timerMs);
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
}

/** What every phase of deliveries tells: CPU µs per delivery of the server and of the loader, deliveries a second. */
export function deliverySamples(suffix: string | number, traffic: Traffic): Samples {
  const { serverMicros, loaderMicros, deliveries, seconds, doubt } = traffic;
  const count = Math.max(1, deliveries);
  return {
    [`cpu${suffix}`]: sample(serverMicros / count, doubt),
    [`loader${suffix}`]: sample(loaderMicros / count, doubt),
    [`perSecond${suffix}`]: sample(deliveries / seconds, doubt),
  };
}
