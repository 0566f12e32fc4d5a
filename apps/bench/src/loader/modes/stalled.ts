import { Crowd } from '../crowd.js';
import { type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { TrafficSource } from '../traffic.js';
import { rssBytesOf } from '../usage.js';
import { sleep } from '../wait.js';

/** A room of which some stop reading while events go on. */
export interface StalledLoad {
  readonly mode: 'stalled';
  readonly members: number;
  readonly stalled: number;
  /** Ends after so many events, or so many seconds. */
  readonly events: number;
  readonly maxSeconds: number;
  readonly seconds: number;
}

const window = 32;
const lookMs = 200;

/**
 * Samples `growth` (MB of RSS, the most that was seen), `events` (thousands that were published meanwhile) and
 * `others`: CPU per delivery to those who read, as a ratio to before anybody stalled.
 */
export async function stalled(load: StalledLoad, site: Site): Promise<Samples> {
  const { members, seconds } = load;
  const crowd = new Crowd(site.target, site.speech);
  const readers = members - load.stalled;
  await crowd.enter(crowd.members(readers, () => ['r0']));
  const publishers = await crowd.enter(crowd.publishers(1));
  await crowd.quiet();
  const source = new TrafficSource(crowd, { publishers, rooms: [{ name: 'r0', members: readers }] }, site.placement);
  const before = await source.saturate(window, seconds / 2, seconds);

  const idlers = await crowd.enter(crowd.members(load.stalled, () => ['r0'], readers));
  for (const idler of idlers) idler.stall();
  const from = rssBytesOf(site.placement.pid);
  let most = from;
  const watch = setInterval(() => {
    most = Math.max(most, rssBytesOf(site.placement.pid));
  }, lookMs);
  const rate = before.events / before.seconds;
  const traffic = await source.saturate(window, 0, Math.min(load.maxSeconds, load.events / rate));
  await sleep(lookMs);
  clearInterval(watch);
  const doubt = before.doubt ?? traffic.doubt;
  const cost = traffic.serverMicros / traffic.deliveries / (before.serverMicros / before.deliveries);
  return {
    growth: sample((most - from) / 2 ** 20),
    events: sample(traffic.events / 1000),
    others: sample(cost, doubt),
  };
}
