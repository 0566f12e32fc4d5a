import type { Sample } from '../loader/meter.js';
import { ours } from '../run/contenders.js';
import type { Case, Figure, Goal } from './case.js';

const members = [100, 1000, 10_000];
const figure = (metric: string, title: string): Figure => ({ metric, title, unit: 'µs' });
const flat = (what: string, metric: string, base: string): Goal => ({
  title: `cost per delivery, ${what}`,
  of: ours.name,
  metric,
  to: { metric: base },
  must: 1.2,
  moonshot: 1,
});

/** What a delivery costs must not depend on how many there are. */
export const growthMembersCase: Case = {
  name: 'growth-members',
  title: 'Cost per delivery as a room grows, 32 in flight',
  contenders: [ours],
  figures: members.map((count) => figure(`members${count}`, `${count} members`)),
  goals: members.slice(1).map((count) => flat(`${count} against 100 members`, `members${count}`, 'members100')),
  sockets: 10_001,
  about: 20,
  async measure(contender, stage) {
    const samples: Record<string, Sample> = {};
    for (const count of members) {
      const server = await stage.start(contender);
      const { cpu32 } = await stage.load(
        { mode: 'room', members: count, windows: [32], seconds: stage.seconds },
        server,
      );
      if (cpu32 !== undefined) samples[`members${count}`] = cpu32;
      await stage.clear();
    }
    return samples;
  },
};

/** Rooms of 10 on so many sockets, from the fewest in which each socket is. */
const grids = [
  { sockets: 10, rooms: [1, 1000, 100_000] },
  { sockets: 1000, rooms: [100, 100_000] },
] as const;
const roomsMetric = (rooms: number, sockets: number) => `rooms${rooms}sockets${sockets}`;

/**
 * The same sockets hear at both ends of a comparison: a socket that the processor's cache has lost since it was last
 * written to costs more, whoever writes, and more rooms have more sockets only where somebody connects.
 */
export const growthRoomsCase: Case = {
  name: 'growth-rooms',
  title: 'Cost per delivery as rooms of 10 grow in number, 50,000 deliveries/s',
  contenders: [ours],
  figures: grids.flatMap(({ sockets, rooms }) =>
    rooms.map((count) => figure(roomsMetric(count, sockets), `${count} rooms on ${sockets} sockets`)),
  ),
  goals: grids.flatMap(({ sockets, rooms: [fewest, ...more] }) =>
    more.map((count) =>
      flat(
        `${count} rooms against ${fewest}, on ${sockets} sockets`,
        roomsMetric(count, sockets),
        roomsMetric(fewest, sockets),
      ),
    ),
  ),
  sockets: 1001,
  about: 36,
  async measure(contender, stage) {
    const samples: Record<string, Sample> = {};
    for (const { sockets, rooms } of grids) {
      for (const count of rooms) {
        const server = await stage.start(contender);
        const { cpu } = await stage.load(
          { mode: 'grid', rooms: count, membersPerRoom: 10, sockets, calm: 50_000, seconds: stage.seconds },
          server,
        );
        if (cpu !== undefined) samples[roomsMetric(count, sockets)] = cpu;
        await stage.clear();
      }
    }
    return samples;
  },
};
