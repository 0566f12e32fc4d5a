import type { EventData, RaffleEvent } from '@roomcast/raffle-protocol';
import { eventually } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRaffleGrid, RaffleGrid, type RaffleGridState, raffleGrid, reduceRaffleGrid } from '../src/index.js';
import { connect, startServer, whole } from './support/client.js';

const at = (minute: number) => new Date(Date.UTC(2024, 0, 15, 10, minute)).toISOString();

const created = (minute: number, total_boxes = 4): RaffleEvent => ({
  message_type: 'raffle_created',
  data: { raffle_id: 'r', item_id: 'i', seller_id: 's', total_boxes, box_price: 2.5, created_at: at(minute) },
});
const bought = (minute: number, box_number: number, remaining: number, user_id = 'u'): RaffleEvent => ({
  message_type: 'box_purchased',
  data: {
    raffle_id: 'r',
    user_id,
    box_number,
    boxes_remaining: remaining,
    completion_percentage: (4 - remaining) * 25,
    purchased_at: at(minute),
  },
});
const full = (minute: number, total_boxes = 4): RaffleEvent => ({
  message_type: 'raffle_full',
  data: { raffle_id: 'r', item_id: 'i', total_boxes, completed_at: at(minute) },
});
const won = (minute: number, ...winner_user_ids: string[]): RaffleEvent => ({
  message_type: 'winner_selected',
  data: { raffle_id: 'r', item_id: 'i', winner_user_ids, completed_at: at(minute) },
});
const cancelled = (minute: number, reason = 'sold elsewhere'): RaffleEvent => ({
  message_type: 'raffle_cancelled',
  data: { raffle_id: 'r', item_id: 'i', reason, cancelled_at: at(minute) },
});

const after = (...events: RaffleEvent[]): RaffleGridState => events.reduce(reduceRaffleGrid, emptyRaffleGrid('r'));

const owners = ({ boxes }: RaffleGridState) =>
  Object.fromEntries([...boxes].map(([number, { user_id }]) => [number, user_id]));

describe('a grid', () => {
  it('follows a raffle from its beginning to its end', () => {
    expect(after()).toMatchObject({ phase: 'open', winners: [] });
    expect(after().remaining).toBeUndefined();
    const begun = after(created(0));
    expect(begun).toMatchObject({ totalBoxes: 4, remaining: 4, percentage: 0, unseen: 0, phase: 'open' });
    const halfway = [created(0), bought(1, 3, 3, 'a'), bought(2, 1, 2, 'b')];
    expect(after(...halfway)).toMatchObject({ remaining: 2, percentage: 50, unseen: 0, phase: 'open' });
    expect(owners(after(...halfway))).toEqual({ 1: 'b', 3: 'a' });
    const sold = [...halfway, bought(3, 2, 1), bought(4, 4, 0), full(4)];
    expect(after(...sold)).toMatchObject({ remaining: 0, percentage: 100, unseen: 0, phase: 'full' });
    expect(after(...sold, won(5, 'a', 'b'))).toMatchObject({ phase: 'drawn', winners: ['a', 'b'] });
    expect(after(...halfway, cancelled(3))).toMatchObject({
      phase: 'cancelled',
      remaining: 2,
      cancelled: { reason: 'sold elsewhere' },
    });
  });

  it('says what it has not seen', () => {
    const joinedLate = after(bought(3, 3, 1));
    expect(joinedLate).toMatchObject({ remaining: 1, percentage: 75 });
    expect([joinedLate.totalBoxes, joinedLate.unseen]).toEqual([undefined, undefined]);
    expect(after(created(0), bought(3, 3, 1))).toMatchObject({ unseen: 2 });
    expect(after(full(4))).toMatchObject({ totalBoxes: 4, remaining: 0, percentage: 100, unseen: 4 });
    // Purchases of the same moment may each tell what they saw: boxes cannot be sold twice.
    expect(after(created(0), bought(1, 1, 3), bought(1, 2, 3))).toMatchObject({ remaining: 2, unseen: 0 });
  });

  it('starts again when a raffle of the same id is created', () => {
    const before = [created(0, 9), bought(1, 1, 3), full(2), won(3, 'u'), cancelled(4)];
    const again = after(...before, created(10), bought(11, 2, 3, 'b'));
    expect(again).toEqual(after(created(10), bought(11, 2, 3, 'b')));
    expect(again).toMatchObject({ phase: 'open', totalBoxes: 4, remaining: 3 });
  });

  it('is the same object where an event brings nothing', () => {
    const state = after(created(0), bought(1, 1, 3));
    const others: RaffleEvent[] = [
      bought(1, 1, 3),
      created(0),
      {
        message_type: 'item_created',
        data: { item_id: 'i', seller_id: 's', name: 'n', category: 'c', created_at: at(1) },
      },
    ];
    for (const event of others) expect(reduceRaffleGrid(state, event)).toBe(state);
    const other = bought(2, 2, 2);
    const data = { ...(other.data as EventData['box_purchased']), raffle_id: 'another' };
    expect(reduceRaffleGrid(state, { message_type: 'box_purchased', data })).toBe(state);
  });

  const minute = fc.integer({ min: 0, max: 6 });
  const event: fc.Arbitrary<RaffleEvent> = fc.oneof(
    { weight: 1, arbitrary: fc.tuple(minute, fc.integer({ min: 1, max: 5 })).map((args) => created(...args)) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(minute, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 }), fc.constantFrom('a', 'b'))
        .map((args) => bought(...args)),
    },
    { weight: 1, arbitrary: fc.tuple(minute, fc.integer({ min: 1, max: 5 })).map((args) => full(...args)) },
    { weight: 1, arbitrary: fc.tuple(minute, fc.constantFrom('a', 'b')).map(([m, winner]) => won(m, winner)) },
    { weight: 1, arbitrary: fc.tuple(minute, fc.constantFrom('x', 'y')).map(([m, reason]) => cancelled(m, reason)) },
    // A time that is none.
    {
      weight: 1,
      arbitrary: fc.constant({
        ...bought(0, 1, 1),
        data: { ...bought(0, 1, 1).data, purchased_at: '?' },
      } as RaffleEvent),
    },
  );

  it('is the same whatever the order, and however often an event comes', () => {
    const lists = fc
      .array(event, { maxLength: 12 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...events, ...events], { minLength: events.length * 3 }),
        ),
      );
    fc.assert(
      fc.property(lists, ([events, again]) => {
        expect(after(...again)).toEqual(after(...events));
      }),
      { numRuns: 500 },
    );
  });

  it('never sells more than there is, and never fewer boxes with more events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const state = after(created(0), ...events);
        const { totalBoxes = 0, remaining = 0, percentage = 0, unseen = 0 } = state;
        expect(remaining).toBeGreaterThanOrEqual(0);
        expect(remaining).toBeLessThanOrEqual(totalBoxes);
        expect(unseen).toBeGreaterThanOrEqual(0);
        expect(percentage).toBeLessThanOrEqual(100);
        if (state.boxes.size <= totalBoxes) expect(unseen + state.boxes.size + remaining).toBe(totalBoxes);
      }),
    );
  });
});

describe('a grid that follows a client', () => {
  it('asks for its raffle, tells what changed, and stops', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const grid = raffleGrid(client, 'r');
    const told: RaffleGridState[] = [];
    const off = grid.onChange((state) => told.push(state));
    const session = await server.connection(1, 'subscribe');
    expect(session.lists).toEqual([[whole({ raffle_id: 'r' })]]);
    const push = ({ message_type, data }: RaffleEvent) => session.push(message_type, data);
    push(created(0));
    push(bought(1, 1, 3));
    push(bought(1, 1, 3));
    await eventually(() => events.length === 3);
    expect(told.map(({ remaining }) => remaining)).toEqual([4, 3]);
    expect(told[1]).toBe(grid.state);
    grid.apply(bought(2, 2, 2));
    expect(told).toHaveLength(3);
    off();
    grid.close();
    await eventually(() => session.lists.length === 2);
    expect(session.lists[1]).toEqual([]);
    push(bought(3, 3, 1));
    await eventually(() => events.length === 4);
    expect([grid.state.boxes.size, told.length]).toEqual([2, 3]);
  });

  it('can also be filled from elsewhere', () => {
    const grid = new RaffleGrid('r');
    grid.apply(full(1));
    expect(grid.state.phase).toBe('full');
  });
});
