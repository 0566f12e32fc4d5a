import { MemoryBroker } from '@roomcast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { event, events, settle, startGateway, stopAll, until } from './support/server.js';

afterEach(stopAll);

async function two() {
  const broker = new MemoryBroker();
  const one = await startGateway({}, { bus: broker.connect() });
  const other = await startGateway({}, { bus: broker.connect() });
  return { one, other };
}

describe('an event published on one instance', () => {
  it('is delivered by both, the same and once', async () => {
    const { one, other } = await two();
    const here = await one.subscribed([{ event_type: 'all' }]);
    const there = await other.subscribed([{ event_type: 'all' }, { event_type: 'box_purchased' }]);
    one.publish(event('box_purchased', { room: 'front-page' }));
    const first = await here.nextJson();
    expect(await there.nextJson()).toEqual(first);
    expect(await settle(there)).toEqual([]);
  });

  it('keeps the room it was published in', async () => {
    const { one, other } = await two();
    const there = await other.subscribed([{ event_type: 'all', room: 'front-page' }]);
    one.publish(event('item_created', { room: 'front-page' }));
    expect(await there.nextJson()).toMatchObject({ message_type: 'item_created' });
  });

  it('stays private on the other', async () => {
    const { one, other } = await two();
    const everything = [{ event_type: 'all' }];
    const stranger = await other.subscribed(everything, { sub: 'stranger' });
    const owner = await other.subscribed(everything, { sub: 'buyer' });
    await events(owner);
    one.publish(event('credits_issued'));
    one.publish(event('system_alert'));
    expect(await owner.nextJson()).toMatchObject({ message_type: 'credits_issued' });
    expect(await stranger.nextJson()).toMatchObject({ message_type: 'user_joined' });
    expect(await stranger.nextJson()).toMatchObject({ message_type: 'system_alert' });
  });
});

describe('what comes over the bus and is no event', () => {
  it('is ignored and counted', async () => {
    const { one, other } = await two();
    const there = await other.subscribed([{ event_type: 'all' }]);
    // An instance of another version, say, publishes what this one does not know.
    for (const odd of [{ message_type: 'raffle_moved', data: {} }, event('raffle_full'), null, 5]) {
      one.gateway.mount.topics.spread('events', odd);
    }
    await until(() => expect(other.gateway.mount.counters.ignored).toBe(4));
    expect(await settle(there)).toEqual([]);
  });
});
