import { sample } from '../loader/meter.js';
import { naive, ours, socketIo } from '../run/contenders.js';
import type { Case } from './case.js';

const members = 5000;

/** Measured and shown; no goal is set on it, since one garbage collection takes longer. */
export const loopCase: Case = {
  name: 'loop-hold',
  title: 'How long one event to 5000 members holds the event loop',
  contenders: [naive, socketIo, ours],
  figures: [
    { metric: 'holdP99', title: 'held at once, p99', unit: 'ms', compared: true },
    { metric: 'longest', title: 'longest', unit: 'ms' },
  ],
  goals: [],
  sockets: members + 1,
  about: 8,
  rounds: 3,
  async measure(contender, stage) {
    const server = await stage.start(contender, { watchLoop: true });
    const { cpu1 } = await stage.load({ mode: 'room', members, windows: [1], seconds: stage.seconds }, server);
    const { p99, longest } = await stage.loopHold(server);
    return { holdP99: sample(p99, cpu1?.doubt), longest: sample(longest, cpu1?.doubt) };
  },
};
