import { bun, naive, ours, socketIo } from '../run/contenders.js';
import { type Case, cpuFigure } from './case.js';

const clients = 100;
const toNaive = { of: naive.name };

export const requestsCase: Case = {
  name: 'requests',
  title: 'Request and reply, 100 clients',
  contenders: [naive, socketIo, ours, bun],
  figures: [
    cpuFigure('depth1', 'CPU per request, one at a time'),
    cpuFigure('depth16', 'CPU per request, 16 at a time'),
    { metric: 'loader16', title: 'CPU of the loader per request, 16 at a time', unit: 'µs' },
    { metric: 'perSecond16', title: 'requests, 16 at a time', unit: '/s' },
  ],
  goals: [
    { title: 'request and reply, depth 1', of: ours.name, metric: 'depth1', to: toNaive, must: 0.85, moonshot: 0.72 },
    { title: 'request and reply, depth 16', of: ours.name, metric: 'depth16', to: toNaive, must: 0.65, moonshot: 0.5 },
  ],
  sockets: clients,
  about: 7,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    return stage.load({ mode: 'requests', clients, depths: [1, 16], seconds: stage.seconds }, server);
  },
};
