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

const manyMembers = 100;
const deliverMs = 5000;

/**
 * Samples `local` and `remote` (p50 from publishing to delivery, ms), `beyond` (their difference), `cpuHere` and
 * `cpuThere` (µs per event, of the instance that is published on and of the other, with one member), and `cpuDelivery`
 * (µs of the other for each delivery to 100 members).
 */
export async function remote({ other, perSecond, seconds }: RemoteLoad, site: Site): Promise<Samples> {
  const here = new Crowd(site.target, site.speech);
  const there = new Crowd({ port: other.port }, site.speech);
  await here.enter(here.members(1, () => ['r0']));
  await there.enter(there.members(1, () => ['r0']));
  await there.enter(there.members(manyMembers, () => ['r1']));
  const [publisher] = await here.enter(here.publishers(1));
  await here.quiet();
  const warm = Math.ceil((perSecond * seconds) / 4);
  const total = warm + Math.ceil(perSecond * seconds);

  /** Publishes to a room that so many hear there, and tells what that took. */
  const phase = async (room: string, membersHere: number, membersThere: number) => {
    const dueAt: number[] = [];
    const first = new Map([...here.clients, ...there.clients].map((client) => [client, client.frameCount]));
    const heard = (crowd: Crowd) => {
      const latencies: number[] = [];
      crowd.onFrames = (client, count) => {
        const now = performance.now();
        const next = client.frameCount - (first.get(client) ?? 0);
        for (let n = next; n < next + count; n++) latencies.push(now - (dueAt[n] ?? now));
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
      publisher?.send(site.speech.publish(room, n));
    }
    const all = () => local.length >= total * membersHere && distant.length >= total * membersThere;
    if (!(await settled(all, deliverMs))) {
      throw new Error(`of ${total} events ${local.length} came here and ${distant.length} there`);
    }
    // The other instance and the broker run on the loader's core: what they use there is no disturbance.
    const { serverMicros, doubt } = meter.read({ paced: true, shared: true });
    const perEvent = (micros: number) => micros / (total - warm);
    return {
      doubt,
      local: p50(local.slice(warm * membersHere)),
      distant: p50(distant.slice(warm * membersThere)),
      cpuHere: perEvent(serverMicros),
      cpuThere: perEvent(cpuMicrosOf(other.pid) - otherBefore),
    };
  };

  const one = await phase('r0', 1, 1);
  const many = await phase('r1', 0, manyMembers);
  return {
    local: sample(one.local, one.doubt),
    remote: sample(one.distant, one.doubt),
    beyond: sample(one.distant - one.local, one.doubt),
    cpuHere: sample(one.cpuHere, one.doubt),
    cpuThere: sample(one.cpuThere, one.doubt),
    cpuDelivery: sample(many.cpuThere / manyMembers, many.doubt),
  };
}

function p50(latencies: number[]): number {
  return percentile(
    latencies.sort((a, b) => a - b),
    0.5,
  );
}
