import { Crowd } from '../crowd.js';
import { type Sample, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { deliverySamples, TrafficSource } from '../traffic.js';

/** One room in which everybody hears everything. */
export interface RoomLoad {
  readonly mode: 'room';
  readonly members: number;
  /** Events in flight of each saturated phase, in this order. */
  readonly windows: readonly number[];
  /** Deliveries a second of the calm phase. @default no calm phase */
  readonly calm?: number;
  readonly seconds: number;
}

/** Samples `cpuN`, `loaderN`, `perSecondN` of each window N and with `Calm` for N, and the calm phase's `p50` and `p99` (µs). */
export async function room({ members, windows, calm, seconds }: RoomLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(members, () => ['r0']));
  const publishers = await crowd.enter(crowd.publishers(1));
  await crowd.quiet();
  const source = new TrafficSource(crowd, { publishers, rooms: [{ name: 'r0', members }] }, site.placement);
  const samples: Record<string, Sample> = {};
  for (const window of windows) {
    const traffic = await source.saturate(window, seconds / 2, seconds);
    Object.assign(samples, deliverySamples(window, traffic));
  }
  if (calm !== undefined) {
    const traffic = await source.pace(calm / members, seconds / 4, seconds);
    Object.assign(samples, deliverySamples('Calm', traffic));
    samples.p50 = sample(traffic.p50Us, traffic.latencyDoubt);
    samples.p99 = sample(traffic.p99Us, traffic.latencyDoubt);
  }
  return samples;
}
