import { eventually, ManualClock, turns } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { ClientClosedError } from '../src/index.js';
import { analytics, connect, message, startServer } from './support/client.js';

/** Long enough for a client that still had a timer to come back. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 60));

it.each([['websocket'], ['polling']] as const)(
  'says goodbye over %s and stays away, without a timer left',
  async (one) => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, changes, errors, events } = connect(server.url, { clock, transports: [one] });
    const off = client.subscribeToAnalytics('g-1');
    (await server.connection(1, 'subscribe:analytics g-1')).push('analytics:update', analytics('g-1'));
    await eventually(() => events.length === 1);
    off();
    await turns(2);
    await Promise.all([client.close(), client.close()]);
    // A farewell that is polled was answered by then.
    if (one === 'polling') expect(server.session.endedBy).toBeDefined();
    await eventually(() => server.session.endedBy === 'client namespace disconnect');
    expect(changes.at(-1)).toMatchObject({ state: 'closed', previous: 'open' });
    expect(changes.filter(({ state }) => state === 'closed')).toHaveLength(1);
    expect([errors, client.state, clock.pending]).toEqual([[], 'closed', 0]);
    await eventually(() => server.io.engine.clientsCount === 0);
    await aWhile();
    expect(server.sessions).toHaveLength(1);
  },
);

it.each(['idle', 'connecting', 'authenticating', 'waiting', 'failed'])('while %s is final too', async (state) => {
  const server = await startServer();
  if (state === 'waiting') server.refuseToken = () => 'Too many connections';
  if (state === 'failed') server.refuseToken = () => 'Invalid token';
  if (state === 'authenticating') server.io.use(() => {});
  const slow = { reconnectionDelay: 40, reconnectionDelayMax: 40, random: () => 0.9 };
  const { client, errors, events } = connect(server.url, slow);
  client.subscribeToGuild('g-1');
  // A client that was just made begins a moment later.
  if (state === 'connecting') await Promise.resolve();
  else if (state === 'authenticating') await eventually(() => server.tokens.length === 1);
  else if (state !== 'idle') await eventually(() => client.state === state);
  expect(client.state).toBe(state);
  errors.length = 0;
  await client.close();
  if (state === 'idle') await expect(client.ready).rejects.toBeInstanceOf(ClientClosedError);
  const attempts = server.tokens.length;
  await aWhile();
  expect([client.state, server.tokens.length]).toEqual(['closed', attempts]);
  expect([errors, events, client.subscriptions]).toEqual([[], [], []]);
  await eventually(() => server.io.engine.clientsCount === 0);
});

it('is silence: what comes too late reaches nobody', async () => {
  const server = await startServer();
  const { client, events } = connect(server.url);
  client.subscribeToGuild('g-1', () => expect.fail('it was told'));
  const session = await server.connection(1, 'subscribe:guild g-1');
  const closed = client.close();
  session.push('message:new', message('g-1'));
  await closed;
  expect(events).toEqual([]);
});

it('takes a connection with it that was just left', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  await client.ready;
  client.authenticate('another');
  await client.close();
  await eventually(() => server.live.length === 0);
  expect(server.tokens).toEqual(['good']);
});

it('is too late for what comes after', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  await client.close();
  for (const late of [() => client.authenticate('alice'), () => client.connect()]) {
    expect(late).toThrow(ClientClosedError);
  }
});
