import { eventually, startDemoServer } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { type AnalyticsUpdate, type GuildEvent, tokenRefusal } from '../src/index.js';
import { connect } from './support/client.js';

/** Identities of the demo, and guilds that only some of them may see. */
const [mia, noor, rex] = ['100000000000000001', '100000000000000002', '100000000000000005'] as const;
const [mias, noors] = ['200000000000000001', '200000000000000002'] as const;

it('follows guilds on the SpyWatcher server, by every transport', async () => {
  const server = await startDemoServer('spywatcher', { ANALYTICS_THROTTLE_MS: '1000' });
  const transports = [['websocket'], ['polling'], ['polling', 'websocket']] as const;
  const followers = transports.map((one) => {
    const { client, errors } = connect(server.url, { token: () => server.token(mia), transports: one });
    const events: GuildEvent[] = [];
    const updates: AnalyticsUpdate[] = [];
    client.subscribeToGuild(mias, (event) => events.push(event));
    client.subscribeToAnalytics(mias, (update) => updates.push(update));
    return { client, errors, events, updates };
  });
  for (const { client, errors, events, updates } of followers) {
    await client.ready;
    await eventually(() => events.length >= 3 && updates.length >= 2, 'what happens in the guild', 40_000);
    expect(new Set([...events.map(({ data }) => data.guildId), ...updates.map(({ guildId }) => guildId)])).toEqual(
      new Set([mias]),
    );
    expect([errors, client.denials, client.invalidEvents]).toEqual([[], [], 0]);
  }
});

it('is refused what the user may not see, and who may not connect', async () => {
  const server = await startDemoServer('spywatcher');
  const { client, errors } = connect(server.url, { token: () => server.token(mia) });
  client.subscribeToGuild(noors);
  client.subscribeToGuild(mias);
  await eventually(() => errors.length === 1);
  expect(errors).toMatchObject([
    { name: 'SubscriptionDeniedError', room: 'guild', guildId: noors, reason: 'Not authorized for this guild' },
  ]);
  client.authenticate(() => server.token(noor));
  await eventually(() => client.state === 'open' && client.denials.length === 0);

  for (const [token, reason] of [
    ['no token', 'Invalid token'],
    ['', 'Authentication required'],
    [await server.token(rex), 'Invalid token'],
  ] as const) {
    const refused = connect(server.url, { token });
    await eventually(() => refused.client.state === 'failed');
    expect(refused.errors.map(tokenRefusal)).toEqual([reason, reason]);
  }
});

it('leaves a server alone that has had too many attempts', async () => {
  const server = await startDemoServer('spywatcher', { MAX_CONNECTS_PER_IP_PER_MINUTE: '1' });
  const token = await server.token(mia);
  const first = connect(server.url, { token });
  await first.client.ready;
  const second = connect(server.url, { token });
  await eventually(() => second.client.state === 'waiting');
  expect(second.errors).toMatchObject([{ name: 'ConnectionRefusedError', status: 429 }]);
  expect(second.changes.at(-1)?.retryInMs).toBeGreaterThanOrEqual(30_000);
});
