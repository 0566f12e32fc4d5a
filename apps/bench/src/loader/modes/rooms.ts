import { Crowd } from '../crowd.js';
import type { Sample, Samples } from '../meter.js';
import type { Site } from '../site.js';
import { deliverySamples, TrafficSource } from '../traffic.js';

/** Many rooms of 5 to 50 members each, on sockets that are in several of them. */
export interface RoomsLoad {
  readonly mode: 'rooms';
  readonly sockets: number;
  readonly rooms: number;
  readonly windows: readonly number[];
  readonly seconds: number;
}

const publisherCount = 64;

/** Samples `cpuN`, `loaderN`, `perSecondN` of each window N. */
export async function rooms(load: RoomsLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  const { sizes, roomsOf } = spread(load.sockets, load.rooms);
  const members = await crowd.enter(crowd.members(load.sockets, (member) => roomsOf[member] ?? []));
  await crowd.quiet();
  const publishing = {
    publishers: members.slice(0, publisherCount),
    rooms: sizes.map((size, n) => ({ name: `r${n}`, members: size })),
  };
  const source = new TrafficSource(crowd, publishing, site.placement);
  const samples: Record<string, Sample> = {};
  for (const window of load.windows) {
    const traffic = await source.saturate(window, load.seconds / 2, load.seconds);
    Object.assign(samples, deliverySamples(window, traffic));
  }
  return samples;
}

/** Rooms of 5 to 50 members, 27 on average; neighbours in the list share few. */
function spread(sockets: number, rooms: number) {
  const roomsOf: string[][] = Array.from({ length: sockets }, () => []);
  const sizes: number[] = [];
  let member = 0;
  for (let room = 0; room < rooms; room++) {
    const size = 5 + ((room * 7919) % 46);
    sizes.push(size);
    for (let n = 0; n < size; n++) {
      member = (member + 1097) % sockets;
      roomsOf[member]?.push(`r${room}`);
    }
  }
  return { sizes, roomsOf };
}
