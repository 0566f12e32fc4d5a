import { bun, naive, ours, socketIo } from '../run/contenders.js';
import { type Case, cpuFigure } from './case.js';

const sockets = 5000;
const toNaive = { of: naive.name };

export const roomsCase: Case = {
  name: 'many-rooms',
  title: '5000 sockets in 1000 rooms',
  contenders: [naive, socketIo, ours, bun],
  figures: [
    cpuFigure('cpu64', 'CPU per delivery, 64 in flight'),
    cpuFigure('cpu1024', 'CPU per delivery, 1024 in flight'),
    { metric: 'perSecond1024', title: 'deliveries, 1024 in flight', unit: '/s' },
  ],
  goals: [
    { title: '1000 rooms, 64 in flight', of: ours.name, metric: 'cpu64', to: toNaive, must: 0.65, moonshot: 0.48 },
    { title: '1000 rooms, 1024 in flight', of: ours.name, metric: 'cpu1024', to: toNaive, must: 0.3, moonshot: 0.18 },
    {
      title: '1000 rooms, 1024 in flight, against Socket.IO',
      of: ours.name,
      metric: 'cpu1024',
      to: { of: socketIo.name },
      must: 1 / 3,
      moonshot: 1 / 6,
    },
  ],
  sockets,
  about: 10,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    return stage.load({ mode: 'rooms', sockets, rooms: 1000, windows: [64, 1024], seconds: stage.seconds }, server);
  },
};
