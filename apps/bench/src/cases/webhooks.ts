import type { Contender } from '../run/contenders.js';
import type { Case } from './case.js';

const webhooks: Contender = { name: 'webhooks', server: 'webhook', speech: 'real killmails' };
const socket: Contender = { name: 'roomcast killmails', server: 'killmails', speech: 'real killmails' };

const subscribers = 100;
/** Deliveries a second: what the webhooks can do without falling behind. */
const calm = 2000;

export const webhooksCase: Case = {
  name: 'webhooks',
  title: 'Real killmails to 100 subscribers: one POST each, against one WebSocket each',
  contenders: [webhooks, socket],
  figures: [
    { metric: 'cpuCalm', title: 'CPU per killmail and subscriber', unit: 'µs' },
    { metric: 'p50', title: 'p50', unit: 'µs' },
    { metric: 'p99', title: 'p99', unit: 'µs' },
  ],
  // The document of the killmails API claims deliveries that are 90 % faster for 70 % less of the server.
  goals: [
    {
      title: 'killmails, time to deliver against webhooks (claimed: 0.1)',
      of: socket.name,
      metric: 'p50',
      to: { of: webhooks.name },
      must: 1,
      moonshot: 0.1,
    },
    {
      title: 'killmails, CPU against webhooks (claimed: 0.3)',
      of: socket.name,
      metric: 'cpuCalm',
      to: { of: webhooks.name },
      must: 1,
      moonshot: 0.3,
    },
  ],
  sockets: subscribers + 1,
  about: 5,
  async measure(contender, stage) {
    const server = await stage.start(contender);
    const { seconds } = stage;
    return contender === webhooks
      ? stage.load({ mode: 'hooks', subscribers, calm, seconds }, server)
      : stage.load({ mode: 'room', members: subscribers, windows: [], calm, seconds }, server);
  },
};
