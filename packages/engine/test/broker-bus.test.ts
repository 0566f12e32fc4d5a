import { turns } from '@roomcast/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BrokerBus, type BrokerBusOptions, BusDownError, BusRefusedError } from '../src/index.js';
import { ScriptedBroker, type ScriptedConnection, scriptedBus } from './support/scripted-broker.js';

type Test = ReturnType<typeof scriptedBus>;

/** Lets the next attempt through. */
async function accept({ broker, clock }: Test): Promise<ScriptedConnection> {
  const count = broker.attempts.length;
  const last = broker.attempts[count - 1];
  const connection = (last as NonNullable<typeof last>).accept();
  await clock.advance(0);
  await turns(2);
  return connection;
}

async function upBus(options?: BrokerBusOptions) {
  const test = scriptedBus(options);
  return { ...test, connection: await accept(test) };
}

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('a bus over a broker', () => {
  it('is down until it is connected, and rejects at once meanwhile', async () => {
    const test = scriptedBus();
    expect(test.bus.status).toBe('down');
    expect(await outcome(test.bus.publish('t', 'x'))).toBe(
      'BusDownError: the bus is not connected: the broker is being connected',
    );
    await accept(test);
    expect([test.bus.status, test.statuses]).toEqual(['up', ['up']]);
    expect(test.bus.stats()).toMatchObject({ rejected: 1, published: 0, losses: 0 });
  });

  it('says up only when all subscriptions stand, also those that came while they were asked for', async () => {
    const test = scriptedBus();
    void test.bus.subscribe('a', () => {});
    const connection = await accept(test);
    expect(connection.asked.map(({ names }) => names)).toEqual([['a']]);
    void test.bus.subscribe('b', () => {});
    connection.asked[0]?.resolve();
    await turns(2);
    expect([test.bus.status, connection.asked[1]?.names]).toEqual(['down', ['b']]);
    connection.asked[1]?.resolve();
    await turns(2);
    expect(test.statuses).toEqual(['up']);
  });

  it('never says up when the connection is lost before the subscriptions stand', async () => {
    const test = scriptedBus();
    void outcome(test.bus.subscribe('a', () => {}));
    const first = await accept(test);
    test.broker.attempts[0]?.events.lost(new Error('cut'));
    await test.clock.advance(5000);
    expect([first.isClosed, test.statuses, test.broker.attempts.length]).toEqual([true, [], 2]);
    const second = await accept(test);
    second.asked[0]?.resolve();
    await turns(2);
    expect(test.statuses).toEqual(['up']);
  });

  it('is told by a connection that is lost before it is handed over', async () => {
    const test = scriptedBus();
    test.broker.attempts[0]?.events.lost(new Error('cut'));
    const connection = await accept(test);
    expect([connection.isClosed, test.bus.status]).toEqual([true, 'down']);
    await test.clock.advance(5000);
    expect(test.broker.attempts).toHaveLength(2);
  });

  it('asks for what is wanted in one turn together, a thousand at once at most', async () => {
    const { bus, connection } = await upBus();
    const standing = Promise.all(Array.from({ length: 1500 }, (_, index) => bus.subscribe(`t${index}`, () => {})));
    for (const count of [1000, 500]) {
      await turns(2);
      expect(connection.asked.at(-1)?.names).toHaveLength(count);
      connection.asked.at(-1)?.resolve();
    }
    await standing;
    expect(connection.asked).toHaveLength(2);
  });

  it('refuses only what the broker refuses', async () => {
    const { bus, connection } = await upBus();
    const outcomes = Promise.all(['a', 'b', 'c'].map((topic) => outcome(bus.subscribe(topic, () => {}))));
    await turns(2);
    connection.asked[0]?.reject(new Error('not b'));
    for (const index of [1, 2, 3]) {
      await turns(2);
      const { names, resolve, reject } = connection.asked[index] as ScriptedConnection['asked'][number];
      if (names[0] === 'b') reject(new Error('not b'));
      else resolve();
    }
    expect(await outcomes).toEqual(['done', 'BusDownError: not b', 'done']);
    expect(bus.stats().subscriptions).toBe(2);
  });

  it('unsubscribes what nobody wants any more once the broker has confirmed it, and not what is wanted anew', async () => {
    const { bus, connection, clock } = await upBus({ subscribeTimeoutMs: 1000 });
    const [a, b] = [outcome(bus.subscribe('a', () => {})), outcome(bus.subscribe('b', () => {}))];
    await turns(2);
    await clock.advance(1500);
    expect([await a, await b]).toEqual(
      Array(2).fill(expect.stringMatching(/^BusDownError: no subscription in 1000 ms/)),
    );
    const again = bus.subscribe('b', () => {});
    connection.asked[0]?.resolve();
    await turns(3);
    expect([connection.unsubscribed, connection.asked[1]?.names]).toEqual([['a'], ['b']]);
    connection.asked[1]?.resolve();
    (await again)();
    expect(connection.unsubscribed).toEqual(['a', 'b']);
  });

  it('tells a connection that is lost nothing any more', async () => {
    const { bus, broker, connection, clock } = await upBus({ pingIntervalMs: 1000 });
    const standing = bus.subscribe('a', () => {});
    await turns(2);
    connection.asked[0]?.resolve();
    const remove = await standing;
    broker.attempts[0]?.events.lost(new Error('cut'));
    remove();
    await clock.advance(10_000);
    expect([connection.unsubscribed, connection.pings, bus.stats().subscriptions]).toEqual([[], [], 0]);
  });

  it('keeps those waiting who subscribe while it reconnects', async () => {
    const { connection, ...test } = await upBus();
    const waiting = outcome(test.bus.subscribe('a', () => {}));
    await turns(2);
    test.broker.attempts[0]?.events.lost(new Error('cut'));
    await test.clock.advance(1000);
    const second = await accept(test);
    expect([connection.isClosed, second.asked[0]?.names]).toEqual([true, ['a']]);
    second.asked[0]?.resolve();
    expect(await waiting).toBe('done');
  });

  it('goes on with those that wait where the connection is lost while it asks for each on its own', async () => {
    const { connection, ...test } = await upBus();
    const outcomes = Promise.all(['a', 'b', 'c'].map((topic) => outcome(test.bus.subscribe(topic, () => {}))));
    await turns(2);
    connection.asked[0]?.reject(new Error('not b'));
    await turns(2);
    test.broker.attempts[0]?.events.lost(new Error('cut'));
    test.broker.attempts[0]?.events.lost(new Error('cut again'));
    await turns(2);
    await test.clock.advance(1000);
    const second = await accept(test);
    expect([connection.asked.length, second.asked[0]?.names]).toEqual([2, ['a', 'b', 'c']]);
    second.asked[0]?.resolve();
    expect(await outcomes).toEqual(['done', 'done', 'done']);
    expect([test.statuses, test.bus.stats().losses]).toEqual([['up', 'down', 'up'], 1]);
  });

  it('asks for nothing that was given up while it was down', async () => {
    const test = scriptedBus({ subscribeTimeoutMs: 1000 });
    const late = outcome(test.bus.subscribe('t', () => {}));
    await test.clock.advance(1500);
    expect(await late).toMatch(/^BusDownError: no subscription in 1000 ms: the broker is being connected/);
    expect((await accept(test)).asked).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 8, 10])(
    'overlooks nothing that comes %i turns after what it waited for',
    async (wait) => {
      const test = scriptedBus();
      const chained = test.bus
        .subscribe('a', () => {})
        .then(async () => {
          for (let turn = 0; turn < wait; turn++) await Promise.resolve();
          await test.bus.subscribe('b', () => {});
        });
      const connection = await accept(test);
      connection.asked[0]?.resolve();
      await turns(3);
      expect(connection.asked[1]?.names).toEqual(['b']);
      connection.asked[1]?.resolve();
      await chained;
    },
  );

  it('delivers to every receiver, and to the others where one throws', async () => {
    const { bus, connection, logger } = await upBus();
    const received: string[] = [];
    for (const receive of [() => expect.unreachable('broken'), (text: string) => received.push(text)]) {
      const standing = bus.subscribe('t', receive);
      await turns(2);
      connection.asked.at(-1)?.resolve();
      await standing;
    }
    connection.events.message('t', false, 'x');
    connection.events.message('unknown', false, 'y');
    connection.events.message('t', true, 'foreign');
    expect([received, bus.stats().received, logger.lines.at(-1)?.message]).toEqual([
      ['x'],
      3,
      'receiving a message of the bus failed',
    ]);
  });
});

describe('a publication', () => {
  it('is rejected when it is not confirmed in time, and its bytes count until the client has let go of it', async () => {
    const { bus, connection, clock } = await upBus({
      maxPendingBytes: 1000,
      replyTimeoutMs: 1000,
      pingIntervalMs: 60_000,
    });
    const first = outcome(bus.publish('t', 'x'.repeat(999)));
    await clock.advance(1500);
    expect(await first).toBe('BusDownError: the broker did not confirm a message in 1000 ms');
    expect(await outcome(bus.publish('t', 'y'))).toMatch(/^BusFullError: the broker does not keep up: 1000 bytes/);
    expect(bus.stats()).toMatchObject({ pendingBytes: 1000, rejected: 2 });
    connection.published[0]?.resolve();
    await turns(1);
    const next = outcome(bus.publish('t', 'z'.repeat(5000)));
    expect(await outcome(bus.publish('t', 'y'))).toMatch(/^BusFullError/);
    connection.published.at(-1)?.resolve();
    expect([await next, bus.stats().pendingBytes]).toEqual(['done', 0]);
  });

  it('counts in bytes, not in characters', async () => {
    const { bus, connection } = await upBus();
    void outcome(bus.publish('t', '🚀'));
    expect(bus.stats().pendingBytes).toBe(5);
    connection.published[0]?.resolve();
  });

  it('is rejected at once when the connection is lost, with the reason', async () => {
    const { bus, broker, statuses } = await upBus();
    const publication = outcome(bus.publish('t', 'x'));
    broker.attempts[0]?.events.lost(new Error('cut'));
    expect(await publication).toBe('BusDownError: the broker has not confirmed a message: cut');
    expect(await outcome(bus.publish('t', 'x'))).toBe('BusDownError: the bus is not connected: cut');
    expect([statuses, bus.stats()]).toMatchObject([['up', 'down'], { losses: 1, pendingBytes: 0 }]);
  });

  it('that the broker refuses is rejected, and the connection stays', async () => {
    const { bus, connection } = await upBus();
    const [one, two] = [outcome(bus.publish('t', 'x')), outcome(bus.publish('t', 'y'))];
    connection.published[0]?.reject(new Error('NOPERM'));
    connection.published[1]?.reject(new BusRefusedError('not you'));
    expect(await one).toBe('BusDownError: the broker has not confirmed a message: NOPERM');
    expect(await two).toBe('BusRefusedError: not you');
    expect(bus.status).toBe('up');
  });
});

describe('a broker', () => {
  it('that does not answer a ping in time is given up', async () => {
    const { bus, connection, clock } = await upBus({ pingIntervalMs: 2000, replyTimeoutMs: 1000 });
    await clock.advance(2500);
    expect(connection.pings).toHaveLength(1);
    connection.pings[0]?.resolve();
    await turns(1);
    await clock.advance(2500);
    expect([connection.pings.length, bus.status]).toEqual([2, 'up']);
    await clock.advance(1500);
    expect([bus.status, connection.isClosed]).toEqual(['down', true]);
  });

  it('whose connection can not be pinged is given up', async () => {
    const { bus, connection, clock } = await upBus({ pingIntervalMs: 1000 });
    await clock.advance(1000);
    connection.pings[0]?.reject(new Error('gone'));
    await turns(1);
    expect([bus.status, connection.isClosed]).toEqual(['down', true]);
    await clock.advance(0);
    expect(await outcome(bus.publish('t', 'x'))).toBe('BusDownError: the bus is not connected: gone');
  });

  it('that fails again and again is given pauses twice as long each, and short ones after a good connection', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    onTestFinished(() => void vi.restoreAllMocks());
    const test = scriptedBus({ maxBackOffMs: 1000 });
    const fail = async (pauseMs: number) => {
      const { length } = test.broker.attempts;
      await turns(2);
      await test.clock.advance(pauseMs - 1);
      expect(test.broker.attempts).toHaveLength(length);
      await test.clock.advance(1);
      expect(test.broker.attempts).toHaveLength(length + 1);
    };
    for (const pauseMs of [200, 400, 800, 1000, 1000]) {
      test.broker.attempts.at(-1)?.refuse(new BusDownError('nobody there'));
      await fail(pauseMs);
    }
    for (const [livesMs, pauseMs] of [
      [5000, 1000],
      [20_000, 100],
    ] as const) {
      await accept(test);
      await test.clock.advance(0);
      for (let second = 0; second < livesMs; second += 500) {
        await test.clock.advance(500);
        for (const { resolve } of test.connections.at(-1)?.pings ?? []) resolve();
        await turns(1);
      }
      test.broker.attempts.at(-1)?.events.lost(new Error('cut'));
      await fail(pauseMs);
    }
  });

  it('that is lost twice in a minute is told of twice', async () => {
    const test = scriptedBus();
    for (let round = 0; round < 2; round++) {
      await accept(test);
      test.broker.attempts.at(-1)?.events.lost(new Error('cut'));
      await turns(2);
      await test.clock.advance(5000);
    }
    const problems = test.logger.lines.filter(({ level }) => level === 'error');
    expect(problems.map(({ message }) => message)).toEqual(['the bus is down: cut', 'the bus is down: cut']);
  });

  it('is not blamed for what this process has not read because it was held up', async () => {
    const { bus, connection, clock } = await upBus({ pingIntervalMs: 1000, replyTimeoutMs: 5000 });
    await clock.advance(1000);
    const publication = outcome(bus.publish('t', 'x'));
    // Time goes on and no timer runs; the first that does so then comes before anything is read.
    vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 60_000);
    await clock.advance(500);
    expect([connection.pings.length, bus.status]).toEqual([1, 'up']);
    connection.published[0]?.resolve();
    expect(await publication).toBe('done');
  });

  it('that can not be had is tried again, never twice at a time, after pauses that stay short enough', async () => {
    const test = scriptedBus({ maxBackOffMs: 1000 });
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(test.broker.attempts).toHaveLength(attempt);
      await test.clock.advance(5000);
      expect(test.broker.attempts).toHaveLength(attempt);
      test.broker.attempts.at(-1)?.refuse(new BusDownError('nobody there'));
      await turns(2);
      await test.clock.advance(1000);
    }
    await accept(test);
    expect(test.bus.status).toBe('up');
    const problems = test.logger.lines.filter(({ level }) => level === 'error');
    expect(problems.map(({ message }) => message)).toEqual(Array(2).fill('the bus is down: nobody there'));
  });

  it('that refuses at the start ends the bus, and later is tried again', async () => {
    const refused = scriptedBus();
    const waiting = outcome(refused.bus.subscribe('t', () => {}));
    refused.broker.attempts[0]?.refuse(new BusRefusedError('wrong password'));
    await expect(refused.bus.started()).rejects.toThrow('wrong password');
    expect(await waiting).toBe('BusRefusedError: wrong password');
    await refused.clock.advance(60_000);
    expect(refused.broker.attempts).toHaveLength(1);

    const later = scriptedBus();
    await accept(later);
    await later.bus.started();
    later.broker.attempts[0]?.events.lost(new Error('cut'));
    await later.clock.advance(5000);
    later.broker.attempts[1]?.refuse(new BusRefusedError('wrong password'));
    await later.clock.advance(5000);
    await accept(later);
    expect(later.statuses).toEqual(['up', 'down', 'up']);
  });

  it('that can not be had at the start is waited for: the start is over all the same', async () => {
    const test = scriptedBus();
    test.broker.attempts[0]?.refuse(new BusDownError('nobody there'));
    await test.bus.started();
    expect(test.bus.status).toBe('down');
  });
});

describe('closing', () => {
  it('waits for what is on its way, and then lets go of everything', async () => {
    const { bus, connection, statuses } = await upBus();
    const publication = outcome(bus.publish('t', 'x'));
    const closed = bus.close();
    await turns(3);
    expect([connection.isClosed, statuses]).toEqual([false, ['up']]);
    connection.published[0]?.resolve();
    await closed;
    expect([await publication, connection.isClosed, statuses]).toEqual(['done', true, ['up', 'down']]);
    expect(await outcome(bus.subscribe('t', () => {}))).toMatch(/^BusDownError/);
  });

  it('lets go of a connection that comes afterwards, and makes no other', async () => {
    const test = scriptedBus();
    const waiting = outcome(test.bus.subscribe('t', () => {}));
    await test.bus.close();
    expect(await waiting).toBe('BusDownError: the connection to the broker was closed');
    const connection = await accept(test);
    await test.clock.advance(60_000);
    expect([connection.isClosed, test.broker.attempts.length, test.clock.pending, test.statuses]).toEqual([
      true,
      1,
      0,
      [],
    ]);
  });

  it('ends a pause', async () => {
    const test = scriptedBus();
    test.broker.attempts[0]?.refuse(new BusDownError('nobody there'));
    await turns(2);
    await test.bus.close();
    await turns(2);
    expect(test.clock.pending).toBe(0);
  });
});

describe('the options', () => {
  it.each([
    'replyTimeoutMs',
    'maxPendingBytes',
    'maxBackOffMs',
    'pingIntervalMs',
    'connectTimeoutMs',
    'subscribeTimeoutMs',
  ])('are refused by name where %s makes no sense', (option) => {
    for (const value of [0, -1, 1.5, Number.NaN, 2 ** 31, '5' as unknown as number]) {
      const make = () => new BrokerBus(new ScriptedBroker(), { [option]: value });
      expect(make).toThrow(expect.objectContaining({ name: 'EngineOptionsError', option }));
    }
  });
});
