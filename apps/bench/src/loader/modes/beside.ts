import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { entry } from '../../entries.js';
import { Crowd } from '../crowd.js';
import { type Sample, type Samples, sample } from '../meter.js';
import type { LoadOrder } from '../run.js';
import type { Site } from '../site.js';
import { TrafficSource } from '../traffic.js';

/** One who asks while a large room is busy. */
export interface BesideLoad {
  readonly mode: 'beside';
  readonly members: number;
  readonly windows: readonly number[];
  readonly seconds: number;
}

/** Samples `pingP50AtN` and `pingP99AtN` (ms) for each window N. */
export async function beside({ members, windows, seconds }: BesideLoad, site: Site, speech: string): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(members, () => ['r0']));
  const publishers = await crowd.enter(crowd.publishers(1));
  await crowd.quiet();
  const source = new TrafficSource(crowd, { publishers, rooms: [{ name: 'r0', members }] }, site.placement);
  const samples: Record<string, Sample> = {};
  for (const window of windows) {
    let asked: Samples = {};
    const traffic = await source.saturate(window, seconds / 2, async () => {
      asked = await askMeanwhile({ load: { mode: 'pings', seconds }, ...site, speech });
    });
    const { pingP50, pingP99 } = asked;
    if (pingP50 !== undefined) samples[`pingP50At${window}`] = sample(pingP50.value, traffic.doubt);
    if (pingP99 !== undefined) samples[`pingP99At${window}`] = sample(pingP99.value, traffic.doubt);
  }
  return samples;
}

/** In a process of its own, since the loader's is busy with the room's frames. It shares the loader's core. */
async function askMeanwhile(order: LoadOrder): Promise<Samples> {
  const { load, speech, target, placement } = order;
  const argument = JSON.stringify({ load, speech, target, placement });
  const child = spawn(process.execPath, [...process.execArgv, entry('loader'), argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  const answer = JSON.parse(output);
  if (answer.samples === undefined) throw new Error(`asking beside the room failed: ${answer.error}`);
  return answer.samples;
}
