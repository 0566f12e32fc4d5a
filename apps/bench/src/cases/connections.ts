import { bun, dialects, naive, ours, socketIo } from '../run/contenders.js';
import { type Case, cpuFigure } from './case.js';

const toNaive = { of: naive.name };
const idleConnections = 10_000;
/** What real Phoenix takes for one idle connection, at its best. */
const realPhoenixBytes = 41 * 1024;

export const connectCase: Case = {
  name: 'connect',
  title: 'Connect and join, each with a JWT of its own',
  contenders: [naive, socketIo, ours],
  figures: [cpuFigure('cpu', 'CPU per connection'), { metric: 'perSecond', title: 'connections', unit: '/s' }],
  goals: [{ title: 'connect and join, JWT', of: ours.name, metric: 'cpu', to: toNaive, must: 0.9, moonshot: 0.6 }],
  sockets: 4000,
  about: 4,
  async measure(contender, stage) {
    const server = await stage.start(contender, { jwt: true });
    return stage.load({ mode: 'connect', connections: Math.ceil(1500 * stage.seconds) }, server);
  },
};

export const idleCase: Case = {
  name: 'idle-memory',
  title: '10,000 idle connections',
  contenders: [naive, socketIo, ours, ...dialects.filter(({ server }) => server === 'phoenix'), bun],
  figures: [{ metric: 'bytes', title: 'memory per connection', unit: 'bytes', compared: true }],
  goals: [
    { title: 'idle memory', of: ours.name, metric: 'bytes', to: toNaive, must: 1, moonshot: 0.8 },
    {
      title: 'idle memory, against Socket.IO',
      of: ours.name,
      metric: 'bytes',
      to: { of: socketIo.name },
      must: 1,
      moonshot: 0.4,
    },
    {
      title: 'idle memory of the Phoenix wire (bytes), against real Phoenix',
      of: 'roomcast phoenix',
      metric: 'bytes',
      must: realPhoenixBytes / 4,
      moonshot: realPhoenixBytes / 8,
    },
  ],
  sockets: idleConnections,
  about: 11,
  rounds: 3,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    return stage.load({ mode: 'idle', connections: idleConnections }, server);
  },
};
