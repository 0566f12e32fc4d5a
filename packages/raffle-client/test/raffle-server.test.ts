import { eventually } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { type RaffleGridState, raffleGrid } from '../src/index.js';
import { connect } from './support/client.js';
import { startRaffleDemo } from './support/demo-server.js';

it('follows a raffle on the raffle server, as itself', async () => {
  const server = await startRaffleDemo();
  const { client, errors, events } = connect(server.url, { token: () => server.token('alice') });
  const grid = raffleGrid(client, 'current-raffle-id');
  const told: RaffleGridState[] = [];
  grid.onChange((state) => told.push(state));
  await eventually(() => client.state === 'open');
  expect(await server.stats()).toMatchObject({ total_connections: 1, authenticated_connections: 1 });
  await eventually(() => told.length >= 3, 'changes of the grid');
  expect(told.at(-1)?.remaining).toBeLessThanOrEqual(10);
  expect(new Set(events.map(({ data }) => 'raffle_id' in data && data.raffle_id))).toEqual(
    new Set(['current-raffle-id']),
  );
  expect(errors).toEqual([]);
});

it('signs in and out, is refused, and makes way for newer connections', async () => {
  const server = await startRaffleDemo();
  const first = connect(server.url);
  await eventually(() => first.client.state === 'open');
  expect(await server.stats()).toMatchObject({ total_connections: 1, authenticated_connections: 0 });
  first.client.authenticate(await server.token('bob'));
  await eventually(async () => (await server.stats()).authenticated_connections === 1);
  first.client.signOut();
  await eventually(async () => (await server.stats()).authenticated_connections === 0);
  first.client.authenticate(await server.token('alice'));
  await eventually(async () => (await server.stats()).authenticated_connections === 1);

  const refused = connect(server.url, { token: 'not a token' });
  await eventually(() => refused.client.state === 'failed');
  expect(refused.errors[0]).toMatchObject({ code: 4401, reason: 'Invalid token' });

  const token = await server.token('alice');
  const newer = [1, 2, 3].map(() => connect(server.url, { token }));
  await eventually(() => first.client.state === 'failed');
  expect(first.errors.at(-1)).toMatchObject({ code: 4408, reason: 'Too many connections' });
  await eventually(() => newer.every(({ client }) => client.state === 'open'));
});
