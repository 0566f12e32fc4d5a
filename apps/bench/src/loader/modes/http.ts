import { Crowd } from '../crowd.js';
import { HttpClient } from '../http-client.js';
import { Meter, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { settled } from '../wait.js';

/** Requests that are in flight where several are. */
const depth = 16;

/** Events that come in by HTTP, one request each. */
export interface HttpLoad {
  readonly mode: 'http';
  readonly members: number;
  readonly path: string;
  readonly token: string;
  /** The body of each request. */
  readonly event: string;
  readonly seconds: number;
}

/**
 * Samples `post`: CPU µs of a request whose event nobody hears, which is what HTTP costs beyond the deliveries, one at a
 * time; `post16`: with 16 in flight, each on its own connection; `toAll`: one at a time with all members in the room,
 * deliveries included; `cpuHttp` of that per delivery.
 */
export async function http(load: HttpLoad, site: Site): Promise<Samples> {
  const { members, seconds } = load;
  const clients = Array.from({ length: depth }, () => new HttpClient(site.target.port, load.path, load.token));
  const client = clients[0] as HttpClient;
  await post(load, [client], seconds / 2);
  const alone = await measure(load, [client], site, seconds);
  const together = await measure(load, clients, site, seconds);

  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(members, () => ['r0']));
  await crowd.quiet();
  let delivered = 0;
  let expected = 0;
  crowd.onFrames = (_client, count) => {
    delivered += count;
  };
  const all = await measure(load, [client], site, seconds, async () => {
    expected += members;
    // A request at a time, and the next when everybody has heard of it.
    while (delivered < expected && crowd.lost === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  if (!(await settled(() => delivered >= expected, 5000))) throw new Error('deliveries are missing');
  const doubt = crowd.doubt ?? all.doubt;
  return {
    post: sample(alone.micros, alone.doubt),
    post16: sample(together.micros, together.doubt),
    toAll: sample(all.micros, doubt),
    cpuHttp: sample(all.micros / members, doubt),
  };
}

async function measure(
  load: HttpLoad,
  clients: readonly HttpClient[],
  site: Site,
  seconds: number,
  after?: () => Promise<void>,
) {
  const meter = new Meter(site.placement);
  const requests = await post(load, clients, seconds, after);
  const { serverMicros, doubt } = meter.read({ paced: true });
  return { micros: serverMicros / requests, doubt };
}

/** Each client posts one request at a time. Returns how many all of them have posted. */
async function post({ event }: HttpLoad, clients: readonly HttpClient[], seconds: number, after?: () => Promise<void>) {
  const end = performance.now() + seconds * 1000;
  let requests = 0;
  const run = async (client: HttpClient) => {
    while (performance.now() < end) {
      const status = await client.post(event);
      if (status !== 202) throw new Error(`publishing over HTTP was answered with ${status}`);
      requests++;
      await after?.();
    }
  };
  await Promise.all(clients.map(run));
  return requests;
}
