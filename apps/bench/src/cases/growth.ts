import type { Sample } from '../loader/meter.js';
import { ours } from '../run/contenders.js';
import type { Case, Figure } from './case.js';

const members = [100, 1000, 10_000];
const rooms = [1, 1000, 100_000];
const figure = (metric: string, title: string): Figure => ({ metric, title, unit: 'µs' });

/** What a delivery costs must not depend on how many there are. */
export const growthMembersCase: Case = {
  name: 'growth-members',
  title: 'Cost per delivery as a room grows, 32 in flight',
  contenders: [ours],
  figures: members.map((count) => figure(`members${count}`, `${count} members`)),
  goals: members.slice(1).map((count) => ({
    title: `cost per delivery, ${count} against 100 members`,
    of: ours.name,
    metric: `members${count}`,
    to: { metric: 'members100' },
    must: 1.2,
    moonshot: 1,
  })),
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

export const growthRoomsCase: Case = {
  name: 'growth-rooms',
  title: 'Cost per delivery as rooms of 10 grow in number, 20,000 deliveries/s',
  contenders: [ours],
  figures: rooms.map((count) => figure(`rooms${count}`, `${count} rooms`)),
  goals: rooms.slice(1).map((count) => ({
    title: `cost per delivery, ${count} rooms against 1`,
    of: ours.name,
    metric: `rooms${count}`,
    to: { metric: 'rooms1' },
    must: 1.2,
    moonshot: 1,
  })),
  sockets: 1001,
  about: 22,
  async measure(contender, stage) {
    const samples: Record<string, Sample> = {};
    for (const count of rooms) {
      const server = await stage.start(contender);
      const load = { mode: 'grid', rooms: count, membersPerRoom: 10, maxSockets: 1000, calm: 20_000 } as const;
      const { cpu } = await stage.load({ ...load, seconds: stage.seconds }, server);
      if (cpu !== undefined) samples[`rooms${count}`] = cpu;
      await stage.clear();
    }
    return samples;
  },
};
