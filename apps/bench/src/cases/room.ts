import { bun, type Contender, dialects, naive, ours, socketIo } from '../run/contenders.js';
import { type Case, cpuFigure, type Goal } from './case.js';

/** Deliveries a second of the calm phase, the same for every server. */
const calm = 50_000;

function room(members: number, contenders: readonly Contender[], goals: readonly Goal[]): Case {
  return {
    name: `room-${members}`,
    title: `One room of ${members}`,
    contenders,
    figures: [
      cpuFigure('cpu32', 'CPU per delivery, 32 in flight'),
      cpuFigure('cpu1', 'CPU per delivery, 1 in flight'),
      cpuFigure('cpuCalm', 'CPU per delivery, 50,000 deliveries/s'),
      { metric: 'p50', title: 'p50 at 50,000/s', unit: 'µs', compared: true },
      { metric: 'p99', title: 'p99 at 50,000/s', unit: 'µs', compared: true },
      { metric: 'loader32', title: 'CPU of the loader per delivery, 32 in flight', unit: 'µs' },
      { metric: 'perSecond32', title: 'deliveries, 32 in flight', unit: '/s' },
    ],
    goals,
    sockets: members + 1,
    about: 9 + members / 1000,
    // What has goals is asked more often.
    rounds: goals.length > 0 ? 5 : 3,
    async measure(contender, stage) {
      const server = await stage.start(contender);
      return stage.load({ mode: 'room', members, windows: [32, 1], calm, seconds: stage.seconds }, server);
    },
  };
}

/** Dialects whose events are about as long as the raw one's: only then is the ratio that of the dialect. */
const comparable = new Set(['phoenix', 'falcon', 'raffle', 'vmax']);

const toNaive = { of: naive.name };
const goals: readonly Goal[] = [
  { title: 'one room of 1000, 32 in flight', of: ours.name, metric: 'cpu32', to: toNaive, must: 0.06, moonshot: 0.045 },
  { title: 'calm 50k deliveries/s: CPU', of: ours.name, metric: 'cpuCalm', to: toNaive, must: 0.9, moonshot: 0.78 },
  { title: 'calm 50k deliveries/s: p99', of: ours.name, metric: 'p99', to: toNaive, must: 1, moonshot: 0.8 },
  {
    title: 'one room of 1000, against Socket.IO',
    of: ours.name,
    metric: 'cpu32',
    to: { of: socketIo.name },
    must: 1 / 5,
    moonshot: 1 / 15,
  },
  // Real Phoenix 1.8 took 1.2 times what the naive server takes, at its best.
  {
    title: 'Phoenix wire, against 1.2 × naive (real Phoenix)',
    of: 'roomcast phoenix',
    metric: 'cpu32',
    to: toNaive,
    must: 1.2 / 5,
    moonshot: 1.2 / 20,
  },
  ...dialects
    .filter(({ server }) => comparable.has(server))
    .map(({ name }) => ({
      title: `${name}, against the raw dialect`,
      of: name,
      metric: 'cpu32',
      to: { of: ours.name },
      must: 1.25,
      moonshot: 1.1,
    })),
];

export const roomCases: readonly Case[] = [
  room(100, [naive, socketIo, ours, bun], []),
  room(1000, [naive, socketIo, ours, ...dialects, bun], goals),
  room(5000, [naive, socketIo, ours, bun], []),
];
