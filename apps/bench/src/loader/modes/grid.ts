import { Crowd } from '../crowd.js';
import type { Samples } from '../meter.js';
import type { Site } from '../site.js';
import { deliverySamples, TrafficSource } from '../traffic.js';

/** Rooms of equal size, however many: what a delivery costs when only their number grows. */
export interface GridLoad {
  readonly mode: 'grid';
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Each is in equally many rooms: in `rooms` x `membersPerRoom` / `sockets` of them. */
  readonly sockets: number;
  /** Deliveries a second. */
  readonly calm: number;
  readonly seconds: number;
}

/** Samples `cpu`, `loader` and `perSecond`, at a calm rate: every event is written by itself. */
export async function grid(load: GridLoad, site: Site): Promise<Samples> {
  const { rooms, membersPerRoom, sockets, calm, seconds } = load;
  const roomsOf: string[][] = Array.from({ length: sockets }, () => []);
  for (let place = 0; place < rooms * membersPerRoom; place++) {
    roomsOf[place % sockets]?.push(`r${Math.floor(place / membersPerRoom)}`);
  }
  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(sockets, (member) => roomsOf[member] ?? []));
  const publishers = await crowd.enter(crowd.publishers(1));
  await crowd.quiet();
  const publishing = {
    publishers,
    rooms: Array.from({ length: rooms }, (_, n) => ({ name: `r${n}`, members: membersPerRoom })),
  };
  const source = new TrafficSource(crowd, publishing, site.placement);
  return deliverySamples('', await source.pace(calm / membersPerRoom, seconds / 2, seconds));
}
