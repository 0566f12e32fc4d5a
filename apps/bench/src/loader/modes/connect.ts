import { tokenOf } from '../../servers/tokens.js';
import type { Entrant } from '../client.js';
import { Crowd } from '../crowd.js';
import { Meter, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { sleep } from '../wait.js';

/** Connections that come, each with a token of its own, and join a room. */
export interface ConnectLoad {
  readonly mode: 'connect';
  readonly connections: number;
}

/** That many connect before it counts, so that the server's code is compiled. */
const warmConnections = 1000;
const parallel = 64;

/** Samples `cpu` (µs per connection that has joined) and `perSecond`. */
export async function connect({ connections }: ConnectLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  const all = crowd.members(warmConnections + connections, (member) => [`r${member % 1000}`]).map(withToken);
  await crowd.enter(all.slice(0, warmConnections), parallel);
  await sleep(200);
  const meter = new Meter(site.placement);
  await crowd.enter(all.slice(warmConnections), parallel);
  const { serverMicros, seconds, doubt } = meter.read();
  return { cpu: sample(serverMicros / connections, doubt), perSecond: sample(connections / seconds, doubt) };
}

function withToken(entrant: Entrant, member: number): Entrant {
  const { path } = entrant;
  return { ...entrant, path: `${path}${path.includes('?') ? '&' : '?'}token=${tokenOf(member)}` };
}
