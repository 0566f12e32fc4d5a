import { dialects } from '../run/contenders.js';
import type { Case, Figure } from './case.js';

const others = [0, 1000, 10_000, 100_000];

export const filtersCase: Case = {
  name: 'filters',
  title: 'A filtered event (raffle) beside subscriptions that do not match',
  contenders: dialects.filter(({ server }) => server === 'raffle'),
  figures: others.map(
    (count): Figure => ({ metric: `others${count}`, title: `CPU per event, ${count} others`, unit: 'µs' }),
  ),
  goals: [
    {
      title: 'filtered event, 100,000 against 0 others',
      of: 'roomcast raffle',
      metric: 'others100000',
      to: { metric: 'others0' },
      must: 1.5,
      moonshot: 1.1,
    },
  ],
  sockets: 1002,
  about: 14,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    return stage.load({ mode: 'filters', others, seconds: stage.seconds }, server);
  },
};
