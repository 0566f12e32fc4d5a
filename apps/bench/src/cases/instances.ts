import { type Contender, ours } from '../run/contenders.js';
import type { Brokers } from '../run/stage.js';
import type { Case, Figure } from './case.js';

const perSecond = 200;
/** Instances beside the one that is published on. */
const others = 3;
/** How many of them want the events. */
const interested = [0, 1, others];

const over = (broker: Brokers, name: string): Contender => ({ ...ours, name: `roomcast ${name}`, needs: broker });
const overRedis = over('redis-server', 'redis');
const overNats = over('nats-server', 'nats');
const contenders = [overRedis, overNats];
const brokerOf = ({ needs }: Contender) => needs as Brokers;

export const instancesCase: Case = {
  name: 'instances',
  title: `Published on one instance, delivered by another, ${perSecond} events/s`,
  contenders,
  figures: [
    { metric: 'local', title: 'p50 on the same instance', unit: 'ms' },
    { metric: 'remote', title: 'p50 on the other', unit: 'ms' },
    { metric: 'cpuHere', title: 'CPU per event of the instance that is published on', unit: 'µs' },
    { metric: 'cpuThere', title: 'CPU per event of the other, with one member', unit: 'µs' },
    { metric: 'cpuDelivery', title: 'CPU per delivery of the other, with 100 members', unit: 'µs' },
  ],
  goals: [
    {
      title: 'over Redis, p50 beyond local (ms)',
      of: overRedis.name,
      metric: 'beyond',
      must: 2,
      moonshot: 0.7,
    },
  ],
  sockets: 110,
  about: 7,
  async measure(contender, stage) {
    const { url: busUrl } = await stage.broker(brokerOf(contender));
    const server = await stage.start(contender, { busUrl });
    const { pid, target } = await stage.start(contender, { busUrl, port: 0 }, stage.machine.loaderCore);
    const load = { mode: 'remote', other: { pid, port: target.port }, perSecond } as const;
    return stage.load({ ...load, seconds: stage.seconds }, server);
  },
};

export const busTrafficCase: Case = {
  name: 'bus-traffic',
  title: `One event with ${others} other instances, of which some want it`,
  contenders,
  figures: [
    ...interested.map(
      (count): Figure => ({
        metric: `out${count}`,
        title: `out of the broker per event, ${count} of ${others} want it`,
        unit: 'bytes',
      }),
    ),
    { metric: 'idle', title: 'CPU per event of an instance that does not want it', unit: 'µs' },
  ],
  goals: [],
  sockets: 10,
  about: 9,
  rounds: 3,
  async measure(contender, stage) {
    const { url: busUrl, pid: broker } = await stage.broker(brokerOf(contender));
    const server = await stage.start(contender, { busUrl });
    const rest = [];
    for (let n = 0; n < others; n++) {
      const { pid, target } = await stage.start(contender, { busUrl, port: 0 }, stage.machine.loaderCore);
      rest.push({ pid, port: target.port });
    }
    const load = { mode: 'spread', others: rest, interested, broker, perSecond } as const;
    return stage.load({ ...load, seconds: stage.seconds }, server);
  },
};
