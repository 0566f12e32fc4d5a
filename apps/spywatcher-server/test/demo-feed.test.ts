import { type Activity, parsePublishEvent } from '@roomcast/spywatcher-protocol';
import { ManualClock } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { DemoFeed } from '../src/demo/feed.js';
import { demoGuilds } from '../src/demo/identities.js';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('the feed of the demonstration', () => {
  it('is activity of every kind, in all its guilds, as the publish API would take it', async () => {
    const clock = new ManualClock();
    const events: { guildId: string; activity: Activity }[] = [];
    const feed = new DemoFeed({ guilds: demoGuilds, clock, random: seeded(1), publish: (event) => events.push(event) });
    feed.start();
    feed.start();
    await clock.advance(400_000);
    feed.stop();
    const before = events.length;
    await clock.advance(60_000);
    expect(events).toHaveLength(before);
    expect(before).toBeGreaterThan(500);
    expect(before).toBeLessThan(2100);
    for (const event of events) expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
    expect(new Set(events.map(({ guildId }) => guildId))).toEqual(new Set(demoGuilds));
    expect(new Set(events.map(({ activity }) => activity.type))).toEqual(
      new Set(['message', 'typing', 'presence', 'join', 'roles']),
    );
    feed.start();
    await clock.advance(5000);
    expect(events.length).toBeGreaterThan(before);
    feed.stop();
  });
});
