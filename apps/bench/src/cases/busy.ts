import { naive, ours, socketIo } from '../run/contenders.js';
import type { Case } from './case.js';

const members = 5000;

export const besideCase: Case = {
  name: 'ping-beside-room',
  title: 'A ping beside a room of 5000 that broadcasts continuously',
  contenders: [naive, socketIo, ours],
  figures: [
    { metric: 'pingP99At1', title: 'p99, 1 in flight', unit: 'ms', compared: true },
    { metric: 'pingP99At32', title: 'p99, 32 in flight', unit: 'ms', compared: true },
    { metric: 'pingP50At1', title: 'p50, 1 in flight', unit: 'ms' },
    { metric: 'pingP50At32', title: 'p50, 32 in flight', unit: 'ms' },
  ],
  goals: [1, 32].map((window) => ({
    title: `ping p99 (ms) beside a room of 5000, ${window} in flight`,
    of: ours.name,
    metric: `pingP99At${window}`,
    must: 10,
    moonshot: 2,
  })),
  sockets: members + 2,
  about: 12,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    return stage.load({ mode: 'beside', members, windows: [1, 32], seconds: stage.seconds }, server);
  },
};

const million = 1_000_000;

export const stalledCase: Case = {
  name: 'stalled-readers',
  title: '1 of 100 readers stalls',
  contenders: [naive, ours],
  figures: [
    { metric: 'growth', title: 'most memory above before', unit: 'MB' },
    { metric: 'events', title: 'events meanwhile', unit: 'thousand' },
    { metric: 'others', title: 'CPU per delivery to the others, to before', unit: '×' },
  ],
  goals: [
    {
      title: '1 % stalled readers, 1M events: RSS growth (MB)',
      of: ours.name,
      metric: 'growth',
      must: 64,
      moonshot: 16,
    },
    { title: '1 % stalled readers: the others', of: ours.name, metric: 'others', must: 1.25, moonshot: 1.1 },
  ],
  sockets: 101,
  about: 28,
  rounds: 3,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    // The naive server would take a quarter of an hour for as many.
    const maxSeconds = stage.seconds * (contender.name === ours.name ? 25 : 4);
    const load = { mode: 'stalled', members: 100, stalled: 1, events: million, maxSeconds } as const;
    return stage.load({ ...load, seconds: stage.seconds }, server);
  },
};
