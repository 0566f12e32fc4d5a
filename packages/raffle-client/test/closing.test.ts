import { eventually, ManualClock } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { ClientClosedError } from '../src/index.js';
import { box, connect, startServer } from './support/client.js';

/** Long enough for a client that still had a timer to come back. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 60));

it('says goodbye with 1000 and stays away, without a timer left', async () => {
  const server = await startServer();
  const clock = new ManualClock();
  const { client, changes, errors } = connect(server.url, { clock, token: 'good' });
  await eventually(() => client.state === 'open');
  await Promise.all([client.close(), client.close()]);
  await eventually(() => server.session.closedWith === 1000);
  expect(changes.at(-1)).toMatchObject({ state: 'closed', previous: 'open' });
  expect(changes.filter(({ state }) => state === 'closed')).toHaveLength(1);
  expect([errors, client.state, clock.pending]).toEqual([[], 'closed', 0]);
  await aWhile();
  expect(server.sessions).toHaveLength(1);
});

it.each(['idle', 'connecting', 'authenticating', 'waiting', 'failed'])('while %s is final too', async (state) => {
  const server = await startServer();
  if (state === 'waiting') server.refuseWith = 503;
  if (state === 'failed') server.refuseToken = () => 'Invalid token';
  server.answersPings = state !== 'authenticating';
  const slow = { baseMs: 40, capMs: 40, random: () => 0.9 };
  const { client, errors, events } = connect(server.url, { ...slow, token: 'token' });
  // A client that was just made begins a moment later.
  if (state === 'connecting') await Promise.resolve();
  else if (state !== 'idle') await eventually(() => client.state === state);
  expect(client.state).toBe(state);
  errors.length = 0;
  await client.close();
  if (state === 'idle') await expect(client.ready).rejects.toBeInstanceOf(ClientClosedError);
  const attempts = server.urls.length;
  await aWhile();
  expect(client.state).toBe('closed');
  expect(server.urls.length).toBeLessThanOrEqual(Math.max(attempts, state === 'connecting' ? 1 : 0));
  expect([errors, events, client.subscriptions]).toEqual([[], [], []]);
  expect(server.live).toEqual([]);
});

it('is silence: what comes too late reaches nobody', async () => {
  const server = await startServer();
  const { client, events } = connect(server.url);
  client.setSubscriptions([{ event_type: 'all' }]);
  const session = await server.connection(1, 'subscribe');
  const closed = client.close();
  session.push('box_purchased', box('r-1', 1));
  await closed;
  expect(events).toEqual([]);
});

it('takes a connection with it that was just left', async () => {
  const server = await startServer();
  const { client } = connect(server.url, { token: 'alice' });
  await eventually(() => client.state === 'open');
  client.signOut();
  await client.close();
  await eventually(() => server.live.length === 0);
  expect(server.sessions).toHaveLength(1);
});
