import { Crowd } from '../crowd.js';
import { Meter, type Samples, sample } from '../meter.js';
import { percentile } from '../percentile.js';
import type { Site } from '../site.js';
import { at } from '../traffic.js';
import { cpuMicrosOf } from '../usage.js';
import { settled } from '../wait.js';

/** Events published on one instance and heard on it and on another. */
export interface RemoteLoad {
  readonly mode: 'remote';
  readonly other: { readonly port: number; readonly pid: number };
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * Samples `local` and `remote` (p50 from publishing to delivery, ms), `beyond` (their difference), `cpuHere` and
 * `cpuThere` (µs per event, of the instance that is published on and of the other).
 */
export async function remote({ other, perSecond, seconds }: RemoteLoad, site: Site): Promise<Samples> {
  const here = new Crowd(site.target, site.speech);
  const there = new Crowd({ port: other.port }, site.speech);
  await here.enter(here.members(1, () => ['r0']));
  await there.enter(there.members(1, () => ['r0']));
  const [publisher] = await here.enter(here.publishers(1));
  await here.quiet();
  const warm = Math.ceil((perSecond * seconds) / 4);
  const total = warm + Math.ceil(perSecond * seconds);
  const dueAt: number[] = [];
  const heard = (crowd: Crowd) => {
    const latencies: number[] = [];
    crowd.onFrames = (client, count) => {
      const now = performance.now();
      for (let n = client.frameCount; n < client.frameCount + count; n++) latencies.push(now - (dueAt[n] ?? now));
    };
    return latencies;
  };
  const local = heard(here);
  const distant = heard(there);
  let meter = new Meter(site.placement);
  let otherBefore = cpuMicrosOf(other.pid);
  const start = performance.now() + 20;
  for (let n = 0; n < total; n++) {
    const due = start + (n * 1000) / perSecond;
    await at(due);
    if (n === warm) {
      meter = new Meter(site.placement);
      otherBefore = cpuMicrosOf(other.pid);
    }
    dueAt.push(due);
    publisher?.send(site.speech.publish('r0', n));
  }
  if (!(await settled(() => local.length >= total && distant.length >= total, 5000))) {
    throw new Error(`of ${total} events ${local.length} came here and ${distant.length} there`);
  }
  // The other instance and the broker run on the loader's core: what they use there is no disturbance.
  const { serverMicros, doubt } = meter.read({ paced: true, shared: true });
  const p50 = (latencies: number[]) =>
    percentile(
      latencies.slice(warm).sort((a, b) => a - b),
      0.5,
    );
  return {
    local: sample(p50(local), doubt),
    remote: sample(p50(distant), doubt),
    beyond: sample(p50(distant) - p50(local), doubt),
    cpuHere: sample(serverMicros / (total - warm), doubt),
    cpuThere: sample((cpuMicrosOf(other.pid) - otherBefore) / (total - warm), doubt),
  };
}
