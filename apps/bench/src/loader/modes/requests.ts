import { Crowd } from '../crowd.js';
import { clientFrame } from '../frames.js';
import { Meter, type Sample, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { sleep } from '../wait.js';

/** Clients that ask and ask again as soon as they are answered. */
export interface RequestsLoad {
  readonly mode: 'requests';
  readonly clients: number;
  /** Requests under way on each connection, phase by phase, rising. */
  readonly depths: readonly number[];
  readonly seconds: number;
}

/**
 * Samples `depthN` (CPU µs per request), `loaderN` and `perSecondN` of each depth N. What a client is answered at a time
 * it asks again in one write: a write of its own for each request costs more than the answer, and would measure the loader.
 */
export async function requests({ clients, depths, seconds }: RequestsLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  const members = await crowd.enter(crowd.members(clients, (member) => [`r${member}`]));
  await crowd.quiet();
  const ping = clientFrame(site.speech.ping);
  let answered = 0;
  crowd.onFrames = (client, count) => {
    answered += count;
    client.sendFrame(ping, count);
  };
  const samples: Record<string, Sample> = {};
  let underWay = 0;
  for (const depth of depths) {
    for (const client of members) client.sendFrame(ping, depth - underWay);
    underWay = depth;
    await sleep(seconds * 500);
    const meter = new Meter(site.placement);
    const before = answered;
    await sleep(seconds * 1000);
    const reading = meter.read();
    const doubt = crowd.doubt ?? reading.doubt;
    const count = Math.max(1, answered - before);
    samples[`depth${depth}`] = sample(reading.serverMicros / count, doubt);
    samples[`loader${depth}`] = sample(reading.loaderMicros / count, doubt);
    samples[`perSecond${depth}`] = sample((answered - before) / reading.seconds, doubt);
  }
  return samples;
}
