import { type EventType, eventTypes, type RaffleEvent, raffleRoom, type Subscription } from '@roomcast/raffle-protocol';
import fc from 'fast-check';
import { event } from './server.js';

/** Few, so that they meet; and made of what a key that is put together carelessly would mix up. */
export const someId = fc.constantFrom('a', 'b', '1:a', 'a1:', '1', '1:', 'aa', '__proto__', '\u0000', 'raffle_a');
const someRoom = fc.oneof(someId, someId.map(raffleRoom));
const filter = (value: fc.Arbitrary<string>) => fc.option(value, { freq: 2 });

export const someSubscription: fc.Arbitrary<Subscription> = fc.record({
  event_type: fc.constantFrom('all' as const, 'all' as const, ...eventTypes),
  raffle_id: filter(someId),
  item_id: filter(someId),
  user_id: filter(someId),
  room: filter(someRoom),
});

/** An event of one of the types; every id in it is one of the few. */
export function someEvent(...types: readonly EventType[]): fc.Arbitrary<RaffleEvent> {
  return fc
    .record({
      type: fc.constantFrom(...(types.length > 0 ? types : eventTypes)),
      ids: fc.record({ raffle_id: someId, item_id: someId, user_id: someId, seller_id: someId }),
      winner_user_ids: fc.array(someId, { maxLength: 3 }),
      room: fc.option(someRoom, { nil: undefined }),
    })
    .map(({ type, ids, winner_user_ids, room }) =>
      event(type, { ...ids, winner_user_ids, ...(room !== undefined && { room }) }),
    );
}
