import { Crowd } from '../crowd.js';
import { type Samples, sample } from '../meter.js';
import { percentile } from '../percentile.js';
import type { Site } from '../site.js';
import { sleep } from '../wait.js';

/** One client that asks now and then. */
export interface PingsLoad {
  readonly mode: 'pings';
  readonly seconds: number;
}

const pauseMs = 3;

/** Samples `pingP50` and `pingP99` (ms). */
export async function pings({ seconds }: PingsLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  const [client] = await crowd.enter(crowd.members(1, () => ['nobody else is here'], 1_000_000));
  let answered = () => {};
  crowd.onFrames = () => answered();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const sent = performance.now();
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    client?.send(site.speech.ping);
    await answer;
    times.push(performance.now() - sent);
    await sleep(pauseMs);
  }
  times.sort((a, b) => a - b);
  return { pingP50: sample(percentile(times, 0.5)), pingP99: sample(percentile(times, 0.99)) };
}
