import { MemoryBroker } from '@roomcast/engine';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { HourlyCount } from '../src/hourly-count.js';
import { clockOfNow, event, events, startGateway, stopAll, subscribe, until } from './support/server.js';

afterEach(stopAll);

const minuteMs = 60_000;

describe('the statistics', () => {
  it('begin with nothing', async () => {
    const server = await startGateway();
    expect(server.gateway.stats()).toEqual({
      total_connections: 0,
      authenticated_connections: 0,
      active_rooms: {},
      events_sent_last_hour: 0,
    });
  });

  it('count connections, and of these the authenticated ones', async () => {
    const server = await startGateway();
    await server.client();
    const client = await server.signedIn({ sub: 'u-1' });
    await server.signedIn({ sub: 'u-1' });
    expect(server.gateway.stats()).toMatchObject({ total_connections: 3, authenticated_connections: 2 });
    await client.close();
    await until(() =>
      expect(server.gateway.stats()).toMatchObject({ total_connections: 2, authenticated_connections: 1 }),
    );
  });

  it('list the room filters in use, each with its connections', async () => {
    const server = await startGateway();
    const one = await server.subscribed([
      { event_type: 'all', room: 'raffle_r-1' },
      { event_type: 'box_purchased', room: 'raffle_r-1' },
      { event_type: 'all', room: '__proto__' },
    ]);
    await server.subscribed([{ event_type: 'raffle_full', room: 'raffle_r-1' }, { event_type: 'all' }]);
    const rooms = () => Object.entries(server.gateway.stats().active_rooms).sort();
    expect(rooms()).toEqual([
      ['__proto__', 1],
      ['raffle_r-1', 2],
    ]);
    await subscribe(one, [{ event_type: 'all', room: 'elsewhere' }]);
    expect(rooms()).toEqual([
      ['elsewhere', 1],
      ['raffle_r-1', 1],
    ]);
    await one.close();
    await until(() => expect(rooms()).toEqual([['raffle_r-1', 1]]));
  });

  it('count frames of events, once for each connection, and nothing else', async () => {
    const server = await startGateway();
    for (let count = 0; count < 3; count++) await server.subscribed([{ event_type: 'raffle_full' }]);
    server.publish(event('raffle_full'));
    server.publish(event('raffle_full'));
    server.publish(event('item_created'));
    expect(server.gateway.stats().events_sent_last_hour).toBe(6);
  });

  it('forget events an hour later, to the minute', async () => {
    const server = await startGateway({ idleTimeoutMs: 0, pingIntervalMs: 0 });
    await server.subscribed([{ event_type: 'raffle_full' }]);
    await server.clock.advance(minuteMs - (server.clock.now() % minuteMs));
    server.publish(event('raffle_full'));
    await server.clock.advance(30 * minuteMs);
    server.publish(event('raffle_full'));
    await server.clock.advance(30 * minuteMs - 1);
    expect(server.gateway.stats().events_sent_last_hour).toBe(2);
    await server.clock.advance(1);
    expect(server.gateway.stats().events_sent_last_hour).toBe(1);
    await server.clock.advance(30 * minuteMs);
    expect(server.gateway.stats().events_sent_last_hour).toBe(0);
  });
});

describe('the count of an hour', () => {
  it('is the sum of its sixty minutes, whatever happens when', () => {
    const step = fc.record({ passed: fc.oneof(fc.nat(5), fc.nat(90)), count: fc.nat(10) });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 60, max: 10_000 }), (steps, start) => {
        const hour = new HourlyCount();
        const counted: [minute: number, count: number][] = [];
        let minute = start;
        for (const { passed, count } of steps) {
          minute += passed;
          hour.add(count, minute * minuteMs + 59_999);
          counted.push([minute, count]);
          const inHour = counted.filter(([at]) => at > minute - 60);
          expect(hour.total(minute * minuteMs)).toBe(inHour.reduce((sum, [, one]) => sum + one, 0));
          for (let at = minute - 59; at <= minute; at++) {
            expect(hour.at(at)).toBe(inHour.reduce((sum, [when, one]) => sum + (when === at ? one : 0), 0));
          }
        }
      }),
    );
  });
});

describe('of two instances', () => {
  it('the statistics are those of both, on each', async () => {
    const broker = new MemoryBroker();
    const clock = clockOfNow();
    const quiet = { idleTimeoutMs: 0, pingIntervalMs: 0 };
    await clock.advance(minuteMs - (clock.now() % minuteMs));
    const one = await startGateway(quiet, { bus: broker.connect(), clock });
    const other = await startGateway(quiet, { bus: broker.connect(), clock });
    const here = await one.subscribed([{ event_type: 'all', room: 'shared' }], { sub: 'u-1' });
    await one.subscribed([{ event_type: 'all', room: 'here' }]);
    const there = await other.subscribed([{ event_type: 'all', room: 'shared' }]);
    one.publish(event('item_created', { room: 'shared' }));
    expect(await events(here)).toEqual(['item_created']);
    expect(await there.nextJson()).toMatchObject({ message_type: 'item_created' });
    await clock.advance(1000);
    const all = {
      total_connections: 3,
      authenticated_connections: 1,
      active_rooms: { shared: 2, here: 1 },
      events_sent_last_hour: 2,
    };
    for (const { gateway } of [one, other]) await until(() => expect(gateway.stats()).toEqual(all));

    await here.close();
    await until(() => expect(one.gateway.mount.sessions.size).toBe(1));
    await clock.advance(1000);
    const less = { ...all, total_connections: 2, authenticated_connections: 0, active_rooms: { shared: 1, here: 1 } };
    for (const { gateway } of [one, other]) await until(() => expect(gateway.stats()).toEqual(less));

    // The hour passes on its own, with nothing more said between the instances.
    await clock.advance(60 * minuteMs);
    for (const { gateway } of [one, other]) expect(gateway.stats().events_sent_last_hour).toBe(0);

    await one.engine.close();
    await until(() =>
      expect(other.gateway.stats()).toMatchObject({ total_connections: 1, active_rooms: { shared: 1 } }),
    );
  });

  it('minutes are told as they pass, and let go of after an hour', async () => {
    const broker = new MemoryBroker();
    const clock = clockOfNow();
    const quiet = { idleTimeoutMs: 0, pingIntervalMs: 0 };
    const one = await startGateway(quiet, { bus: broker.connect(), clock });
    const other = await startGateway(quiet, { bus: broker.connect(), clock });
    await one.subscribed([{ event_type: 'all' }]);
    for (let minute = 0; minute < 90; minute++) {
      one.publish(event('item_created'));
      await clock.advance(minuteMs);
    }
    await until(() => expect(other.gateway.stats()).toEqual(one.gateway.stats()));
    expect(one.gateway.stats().events_sent_last_hour).toBe(59);
    expect(one.engine.cluster.share('raffle.counts').keys().size).toBeLessThanOrEqual(62);
  });

  it('a room is told of when it changes, and not again', async () => {
    const told: string[][] = [];
    const broker = new MemoryBroker({
      fate({ text }) {
        const { kind, share, entries } = JSON.parse(text);
        if (kind === 'delta' && share === 'raffle.rooms') told.push(entries.map(([room]: [string]) => room));
        return 'deliver';
      },
    });
    const clock = clockOfNow();
    const one = await startGateway({}, { bus: broker.connect(), clock });
    await startGateway({}, { bus: broker.connect(), clock });
    for (const room of ['first', 'second']) {
      await one.subscribed([{ event_type: 'all', room }]);
      await clock.advance(1000);
    }
    expect(told).toEqual([['first'], ['second']]);
  });
});
