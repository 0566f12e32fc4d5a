import { type EventData, eventTypes, parsePublishEvent, type RaffleEvent } from '@roomcast/raffle-protocol';
import { ManualClock } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DemoFeed } from '../src/demo/feed.js';
import { currentRaffleId, Market } from '../src/demo/market.js';

/** What happens in so many steps, with chances that the test chooses. */
function happenings(random: () => number, steps: number): RaffleEvent[] {
  let now = Date.UTC(2026, 0, 1);
  const market = new Market({ now: () => now, random });
  const events: RaffleEvent[] = [];
  for (let step = 0; step < steps; step++) {
    now += 500;
    const next = market.next();
    expect(next.length).toBeGreaterThan(0);
    events.push(...next);
  }
  return events;
}

/** A generator with a seed (mulberry32): the same chances in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the demonstration', () => {
  const events = happenings(seeded(1), 5000);
  const of = (raffle: string) =>
    events
      .filter(({ data }) => 'raffle_id' in data && data.raffle_id === raffle)
      .map(({ message_type }) => message_type);

  it('has events of every type but those about who is connected', () => {
    const seen = new Set(events.map(({ message_type }) => message_type));
    expect(eventTypes.filter((type) => !seen.has(type))).toEqual(['user_joined', 'user_left']);
  });

  it('has events that can be published', () => {
    for (const event of events) expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
  });

  it('has the raffle of the document’s examples, which sells, fills and is drawn again and again', () => {
    const [...types] = of(currentRaffleId);
    const round = ['raffle_created', ...Array(10).fill('box_purchased'), 'raffle_full', 'winner_selected'];
    expect(types.length).toBeGreaterThan(3 * round.length);
    for (let start = 0; start + round.length <= types.length; start += round.length) {
      expect(types.slice(start, start + round.length)).toEqual(round);
    }
  });

  it('has other raffles, of which some are cancelled and none comes back', () => {
    const created = events.flatMap((event) => (event.message_type === 'raffle_created' ? [event.data.raffle_id] : []));
    const others = created.filter((id) => id !== currentRaffleId);
    expect(new Set(others).size).toBe(others.length);
    const ends = others.map((id) => of(id).at(-1));
    expect(ends).toContain('winner_selected');
    expect(ends).toContain('raffle_cancelled');
  });

  it('has several users who buy and whom credits are issued to', () => {
    const users = (type: 'box_purchased' | 'credits_issued' | 'credits_redeemed') =>
      new Set(events.flatMap((event) => (event.message_type === type ? [event.data.user_id] : [])));
    for (const type of ['box_purchased', 'credits_issued', 'credits_redeemed'] as const) {
      expect(users(type).size).toBeGreaterThan(1);
    }
  });
});

describe('whatever happens', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('every box is sold once, the figures fit, and a buyer wins', () => {
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 50 }), (chances) => {
        let drawn = 0;
        const events = happenings(() => chances[drawn++ % chances.length] as number, 200);
        const boxes = new Map<string, { total: number; sold: number[]; buyers: string[] }>();
        for (const event of events) {
          if (event.message_type === 'raffle_created') {
            boxes.set(event.data.raffle_id, { total: event.data.total_boxes, sold: [], buyers: [] });
          }
          if (!('raffle_id' in event.data)) continue;
          const raffle = boxes.get(event.data.raffle_id) as { total: number; sold: number[]; buyers: string[] };
          if (event.message_type === 'box_purchased') checkSale(event.data, raffle);
          if (event.message_type === 'raffle_full') expect(raffle.sold).toHaveLength(raffle.total);
          if (event.message_type === 'winner_selected') {
            expect(raffle.sold).toHaveLength(raffle.total);
            for (const winner of event.data.winner_user_ids) expect(raffle.buyers).toContain(winner);
          }
        }
      }),
    );
  });

  it('stock changes by what it says, and is never below nothing', () => {
    const events = happenings(seeded(2), 2000);
    const quantities = new Map<string, number>();
    for (const event of events) {
      if (event.message_type !== 'item_stock_changed') continue;
      const { item_id, old_quantity, new_quantity } = event.data;
      expect(old_quantity).toBe(quantities.get(item_id) ?? old_quantity);
      expect(new_quantity).toBeGreaterThanOrEqual(0);
      expect(new_quantity).not.toBe(old_quantity);
      quantities.set(item_id, new_quantity);
    }
    expect(quantities.size).toBeGreaterThan(3);
  });

  function checkSale(
    data: EventData['box_purchased'],
    raffle: { total: number; sold: number[]; buyers: string[] },
  ): void {
    expect(raffle.sold).not.toContain(data.box_number);
    expect(data.box_number).toBeGreaterThanOrEqual(1);
    expect(data.box_number).toBeLessThanOrEqual(raffle.total);
    raffle.sold.push(data.box_number);
    raffle.buyers.push(data.user_id);
    expect(data.boxes_remaining).toBe(raffle.total - raffle.sold.length);
    expect(data.completion_percentage).toBeCloseTo((100 * raffle.sold.length) / raffle.total, 1);
  }
});

describe('the feed', () => {
  it('runs from start to stop, and can be started again', async () => {
    const clock = new ManualClock();
    const published: RaffleEvent[] = [];
    const feed = new DemoFeed({ clock, publish: (event) => published.push(event), random: seeded(3) });
    await clock.advance(5000);
    expect(published).toEqual([]);
    feed.start();
    feed.start();
    await clock.advance(5000);
    const first = published.length;
    expect(first).toBeGreaterThan(5);
    expect(clock.pending).toBe(1);
    feed.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(5000);
    expect(published).toHaveLength(first);
    feed.start();
    await clock.advance(5000);
    expect(published.length).toBeGreaterThan(first);
  });
});
