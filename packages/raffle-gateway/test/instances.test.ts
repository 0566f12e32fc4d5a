import { MemoryBroker } from '@roomcast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { clockOfNow, event, events, settle, startGateway, stopAll, until } from './support/server.js';

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

describe('events that are lost between instances', () => {
  it('are told of to those who asked, and to nobody else', async () => {
    let messages = 0;
    const broker = new MemoryBroker({
      fate: ({ topic }) => (topic === 'roomcast.raffle.events' && ++messages === 2 ? 'drop' : 'deliver'),
    });
    const one = await startGateway({}, { bus: broker.connect() });
    const other = await startGateway({}, { bus: broker.connect() });
    const old = await other.subscribed([{ event_type: 'all' }]);
    const told = await other.client();
    const once = await other.client();
    const ask = (notify_missed: boolean) => ({ subscriptions: [{ event_type: 'raffle_full' }], notify_missed });
    told.send({ message_type: 'subscribe', data: ask(true) });
    once.send({ message_type: 'subscribe', data: ask(true) });
    once.send({ message_type: 'subscribe', data: ask(false) });
    const gone = await other.client();
    gone.send({ message_type: 'subscribe', data: ask(true) });
    for (const client of [told, once, gone]) expect(await settle(client)).toEqual([]);
    await gone.close();
    for (let count = 0; count < 3; count++) one.publish(event('system_alert'));
    expect(await told.nextJson()).toEqual({ message_type: 'events_missed', data: {}, timestamp: expect.any(String) });
    expect(await settle(told)).toEqual([]);
    expect(await settle(once)).toEqual([]);
    expect(await events(old)).toEqual(['system_alert', 'system_alert']);
    const warnings = other.logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([{ fields: { missed: 1 } }]);
  });
});

describe('a user’s connections on two instances', () => {
  it('are three together: the oldest goes, wherever it is', async () => {
    const broker = new MemoryBroker();
    const clock = clockOfNow();
    const one = await startGateway({}, { bus: broker.connect(), clock });
    const other = await startGateway({}, { bus: broker.connect(), clock });
    const connections = ({ engine }: typeof one) =>
      [...engine.cluster.share<number[]>('$connections.raffle').values('u')].flat().length;
    const clients = [];
    for (const server of [one, other, one]) {
      clients.push(await server.signedIn({ sub: 'u' }));
      await clock.advance(10);
      await until(() => expect([connections(one), connections(other)]).toEqual([clients.length, clients.length]));
    }
    clients.push(await other.signedIn({ sub: 'u' }));
    expect((await clients[0]?.waitForClose())?.code).toBe(4408);
    await until(() => expect([connections(one), connections(other)]).toEqual([3, 3]));
    for (const client of clients.slice(1)) await settle(client);
  });
});
