import type { Client } from '../client.js';
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

/** Samples `depthN` (CPU µs per request) and `perSecondN`. */
export async function requests({ clients, depths, seconds }: RequestsLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  const members = await crowd.enter(crowd.members(clients, (member) => [`r${member}`]));
  await crowd.quiet();
  let answered = 0;
  crowd.onFrames = (client, count) => {
    answered += count;
    ask(client, count);
  };
  const ask = (client: Client, count: number) => {
    if (owed.size === 0) setImmediate(askAll);
    owed.set(client, (owed.get(client) ?? 0) + count);
  };
  // After all sockets that had something, and what one client asks in one write: a loader that costs as much as the
  // server would measure itself.
  const ping = clientFrame(site.speech.ping);
  const owed = new Map<Client, number>();
  const askAll = () => {
    for (const [client, count] of owed) client.sendFrame(ping, count);
    owed.clear();
  };
  const samples: Record<string, Sample> = {};
  let underWay = 0;
  for (const depth of depths) {
    for (const client of members) ask(client, depth - underWay);
    underWay = depth;
    await sleep(seconds * 500);
    const meter = new Meter(site.placement);
    const before = answered;
    await sleep(seconds * 1000);
    const reading = meter.read();
    const doubt = crowd.doubt ?? reading.doubt;
    samples[`depth${depth}`] = sample(reading.serverMicros / Math.max(1, answered - before), doubt);
    samples[`perSecond${depth}`] = sample((answered - before) / reading.seconds, doubt);
  }
  return samples;
}
