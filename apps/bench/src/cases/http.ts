import { purchase } from '../dialects/raffle.js';
import { dialects, naive } from '../run/contenders.js';
import { publishToken } from '../servers/tokens.js';
import type { Case } from './case.js';

const members = 1000;

export const httpCase: Case = {
  name: 'http-publish',
  title: 'Events by HTTP, a request for each, to 1000 sockets (raffle)',
  contenders: [naive, ...dialects.filter(({ server }) => server === 'raffle')],
  figures: [
    { metric: 'post16', title: 'CPU per request that nobody hears, 16 in flight', unit: 'µs', compared: true },
    { metric: 'post', title: 'CPU per request that nobody hears, one at a time', unit: 'µs', compared: true },
    { metric: 'toAll', title: 'CPU per request and 1000 deliveries', unit: 'µs', compared: true },
  ],
  goals: [
    {
      title: 'publish over HTTP (µs beyond the deliveries)',
      of: 'roomcast raffle',
      metric: 'post16',
      must: 150,
      moonshot: 60,
    },
  ],
  sockets: members + 1,
  about: 9,
  async measure(contender, stage) {
    const server = await stage.start(contender, { http: true });
    const load = { mode: 'http', members, path: '/api/publish/raffle', token: publishToken } as const;
    return stage.load({ ...load, event: purchase, seconds: stage.seconds }, server);
  },
};
