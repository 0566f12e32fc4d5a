import { createRaffleClient, type RaffleClient } from '@roomcast/raffle-client';
import { eventually, hasTool, startNats, startRedis } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Instance } from './support/instance.js';
import { jwtSecret, token } from './support/wire.js';

/** What a dead instance had is not counted any more after this long at the latest, in milliseconds. */
const goneWithinMs = 30_000;

const adminToken = 'an-admin-token-of-the-faults';

/** What a raffle token says of everybody. */
const person = { email: 'somebody@example.com', role: 'User', token_type: 'access' };

const brokers = [
  { name: 'Redis', tool: 'redis-server', variable: 'REDIS_URL', startBroker: startRedis },
  { name: 'NATS', tool: 'nats-server', variable: 'NATS_URL', startBroker: startNats },
];

describe.each(brokers)('what an instance had that crashed, over $name', ({ tool, variable, startBroker }) => {
  it.skipIf(!hasTool(tool))(
    'is gone from presence, lists and figures within 30 seconds',
    async () => {
      const broker = await startBroker();
      onTestFinished(() => broker.close());
      const env = { JWT_SECRET: jwtSecret, ADMIN_TOKEN: adminToken, [variable]: broker.url };
      const instances = await Promise.all(['A', 'B'].map((name) => Instance.start(name, 'raffle', env)));
      onTestFinished(async () => void (await Promise.all(instances.map((instance) => instance.kill()))));
      const [a, b] = instances as [Instance, Instance];
      for (const instance of [a, b]) await eventually(() => instance.isReady(), 'both to be ready', 60_000);

      const heard: string[] = [];
      const watching = await connect(a, 'watching');
      watching.subscribe({ event_type: 'user_joined' }, ({ data }) => heard.push(`${data.user_id} joined`));
      watching.subscribe({ event_type: 'user_left' }, ({ data }) => heard.push(`${data.user_id} left`));
      await eventually(() => watching.subscriptions.length === 2, 'the subscriptions');
      await connect(b, 'leaving');

      const figures = async () => {
        const stats = (await (await fetch(`${a.url}/ws/stats`)).json()) as { total_connections: number };
        const headers = { Authorization: `Bearer ${adminToken}` };
        const admin = await (await fetch(`${a.url}/admin/sessions`, { headers })).json();
        return [await a.members(), stats.total_connections, (admin as { total: number }).total];
      };
      const are = async (...expected: number[]) => String(await figures()) === String(expected);
      await eventually(() => are(2, 2, 2), 'the figures of both');
      await eventually(() => heard.includes('leaving joined'), 'the one who has come');

      await b.kill();
      const isForgotten = async () => (await are(1, 1, 1)) && heard.includes('leaving left');
      await eventually(isForgotten, 'the crashed one to be forgotten', goneWithinMs);
      expect(heard.filter((line) => line.startsWith('leaving'))).toEqual(['leaving joined', 'leaving left']);
    },
    180_000,
  );
});

async function connect(instance: Instance, user: string): Promise<RaffleClient> {
  const client = createRaffleClient({
    url: `${instance.url.replace('http', 'ws')}/ws`,
    token: await token({ ...person, sub: user, username: user, jti: user }),
  });
  onTestFinished(() => client.close());
  await client.ready;
  return client;
}
