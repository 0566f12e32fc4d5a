import { createKillmailsClient } from '@roomcast/killmails-client';
import type { Mark, Wire } from '../wire.js';

const jita = 30000142;
const publishers = ['A', 'B', 'C', 'D'];
/** Killmails are told apart by their number alone: the publisher is in its millions. */
const perPublisher = 1_000_000;

/** The number of the killmail that carries a mark. */
export function killmailNumber({ publisher, n }: Mark): number {
  return (publishers.indexOf(publisher) + 1) * perPublisher + n;
}

export const killmails: Wire = {
  name: 'killmails',
  env: { KILLMAILS_TOKENS: 'a-token-of-faults', KILLMAILS_UPSTREAM: 'none' },
  repairs: true,
  event: (mark) => ({
    killmail_id: killmailNumber(mark),
    killmail_time: new Date().toISOString(),
    solar_system_id: jita,
    victim: { character_id: 95_465_499, ship_type_id: 670, damage_taken: 1 },
    attackers: [],
  }),
  async listen({ url }, heard) {
    const client = createKillmailsClient({
      url: url.replace('http', 'ws'),
      token: 'a-token-of-faults',
      systems: [jita],
    });
    client.on('killmail', ({ killmail: { killmail_id: id } }) => {
      heard({ publisher: publishers[Math.floor(id / perPublisher) - 1] ?? '?', n: id % perPublisher });
    });
    await client.ready;
    return client;
  },
};
