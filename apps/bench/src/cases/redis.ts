import { ours } from '../run/contenders.js';
import type { Case } from './case.js';

export const redisCase: Case = {
  name: 'redis',
  title: 'Published on one instance, delivered by another over Redis, 200 events/s',
  contenders: [{ ...ours, needs: 'redis-server' }],
  figures: [
    { metric: 'local', title: 'p50 on the same instance', unit: 'ms' },
    { metric: 'remote', title: 'p50 on the other', unit: 'ms' },
    { metric: 'cpuHere', title: 'CPU per event of the instance that is published on', unit: 'µs' },
    { metric: 'cpuThere', title: 'CPU per event of the other', unit: 'µs' },
  ],
  goals: [{ title: 'over Redis, p50 beyond local (ms)', of: ours.name, metric: 'beyond', must: 2, moonshot: 0.7 }],
  sockets: 3,
  about: 5,
  async measure(contender, stage) {
    const redisUrl = await stage.redis();
    const server = await stage.start(contender, { redisUrl });
    const other = await stage.start(contender, { redisUrl, port: 0 }, stage.machine.loaderCore);
    const { pid, target } = other;
    const load = { mode: 'remote', other: { pid, port: target.port }, perSecond: 200 } as const;
    return stage.load({ ...load, seconds: stage.seconds }, server);
  },
};
