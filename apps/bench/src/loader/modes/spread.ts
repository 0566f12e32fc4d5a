import { Crowd } from '../crowd.js';
import { Meter, type Sample, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { at } from '../traffic.js';
import { cpuMicrosOf, writtenBytesOf } from '../usage.js';
import { settled, sleep } from '../wait.js';

/** Events published on one instance, of which some of the others have somebody who hears them. */
export interface SpreadLoad {
  readonly mode: 'spread';
  readonly others: readonly { readonly port: number; readonly pid: number }[];
  /** How many of the others want the events, one phase after the other. */
  readonly interested: readonly number[];
  /** The broker's process. */
  readonly broker: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const deliverMs = 5000;

/**
 * Samples `outN` (bytes that the broker wrote per event while N others wanted it) and `idle` (µs of CPU per event of one
 * that did not, beside what it takes anyway).
 */
export async function spread(load: SpreadLoad, site: Site): Promise<Samples> {
  const { others, interested, broker, perSecond, seconds } = load;
  const here = new Crowd(site.target, site.speech);
  const there = others.map(({ port }) => new Crowd({ port }, site.speech));
  for (const wanted of interested) {
    for (const crowd of there.slice(0, wanted)) await crowd.enter(crowd.members(1, () => [roomOf(wanted)]));
  }
  const [publisher] = await here.enter(here.publishers(1));
  await here.quiet();
  const total = Math.ceil(perSecond * seconds);
  let heard = 0;
  const hear = (_client: unknown, count: number) => {
    heard += count;
  };
  for (const crowd of there) crowd.onFrames = hear;

  const samples: Record<string, Sample> = {};
  const idlePid = others.at(-1)?.pid ?? 0;
  const quiet = await silence(idlePid, seconds);
  for (const wanted of interested) {
    heard = 0;
    const meter = new Meter(site.placement);
    const before = { written: writtenBytesOf(broker), idle: cpuMicrosOf(idlePid) };
    const start = performance.now() + 20;
    for (let n = 0; n < total; n++) {
      await at(start + (n * 1000) / perSecond);
      publisher?.send(site.speech.publish(roomOf(wanted), n));
    }
    if (!(await settled(() => heard >= total * wanted, deliverMs))) {
      throw new Error(`of ${total * wanted} deliveries ${heard} came`);
    }
    const { doubt, seconds: took } = meter.read({ paced: true, shared: true });
    samples[`out${wanted}`] = sample((writtenBytesOf(broker) - before.written) / total, doubt);
    if (wanted > 0 && wanted < others.length) {
      samples.idle = sample((cpuMicrosOf(idlePid) - before.idle - quiet * took) / total, doubt);
    }
  }
  return samples;
}

const roomOf = (wanted: number) => `of-${wanted}`;

/** What a process takes of a second while nothing happens, in µs. */
async function silence(pid: number, seconds: number): Promise<number> {
  const before = cpuMicrosOf(pid);
  await sleep(seconds * 1000);
  return (cpuMicrosOf(pid) - before) / seconds;
}
