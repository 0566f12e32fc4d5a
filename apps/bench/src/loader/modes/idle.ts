import { Crowd } from '../crowd.js';
import { type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { rssBytesOf } from '../usage.js';
import { sleep } from '../wait.js';

/** Connections that have joined a room and do nothing. */
export interface IdleLoad {
  readonly mode: 'idle';
  readonly connections: number;
}

const settleMs = 1500;

/** Sample `bytes`: what the server's memory grew by, for each connection, after a garbage collection on both sides. */
export async function idle({ connections }: IdleLoad, site: Site): Promise<Samples> {
  const before = await settledRss(site.placement.pid);
  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(connections, (member) => [`r${member % 1000}`]));
  await sleep(settleMs);
  const after = await settledRss(site.placement.pid);
  return { bytes: sample((after - before) / connections, crowd.doubt) };
}

async function settledRss(pid: number): Promise<number> {
  process.kill(pid, 'SIGUSR2');
  await sleep(settleMs);
  return rssBytesOf(pid);
}
