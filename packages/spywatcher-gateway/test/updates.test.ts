import type { AnalyticsUpdate } from '@roomcast/spywatcher-protocol';
import { ManualClock } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { Updates } from '../src/updates.js';
import { analytics, at } from './support/events.js';

const update = (guildId: string): AnalyticsUpdate => ({ guildId, data: analytics, timestamp: at });

it('the last updates of as many guilds are kept as may be, the newest', () => {
  const updates = new Updates({
    clock: new ManualClock(),
    cluster: { isOwner: () => true, onMembers: () => () => {} },
    throttleMs: 1000,
    maxGuilds: 2,
    compute: update,
    send: () => {},
  });
  for (const guildId of ['1', '2', '1', '3']) updates.sent(update(guildId));
  expect(updates.saved().map(({ guildId }) => guildId)).toEqual(['1', '3']);
  expect(updates.last('2')).toBeUndefined();
});
