import { createEngine, MemoryBroker, silentLogger } from '@roomcast/engine';
import { ManualClock, turns } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { FeedPosition } from '../src/upstream/position.js';

function setUp() {
  const clock = new ManualClock();
  const broker = new MemoryBroker({ clock });
  const join = async (saved?: { sequence: number; at: number }) => {
    const bus = broker.connect();
    const engine = createEngine({ bus, clock, logger: silentLogger });
    onTestFinished(() => engine.close());
    const position = new FeedPosition(engine.cluster, clock, saved);
    await engine.ready();
    await turns(10);
    return { bus, engine, position };
  };
  return { clock, join };
}

test('a place in the feed is heard of on every instance, the latest and not the highest', async () => {
  const { clock, join } = setUp();
  const [one, other] = [await join(), await join({ sequence: 900, at: 1 })];
  expect(other.position.sequence).toBe(900);
  await clock.advance(1);
  one.position.published(7);
  await turns(5);
  expect([one.position.sequence, other.position.sequence]).toEqual([7, 7]);
  await clock.advance(1);
  other.position.published(8);
  await turns(5);
  expect(one.position.sequence).toBe(8);
  expect(other.position.save()).toEqual({ sequence: 8, at: clock.now() });
  one.position.restore({ sequence: 3, at: 5 });
  expect(one.position.sequence).toBe(8);
});

test('what another published is read again, unless that one said that it has stopped there', async () => {
  const { clock, join } = setUp();
  const [one, other] = [await join(), await join()];
  expect(other.position.again).toBe(0);
  one.position.published(7);
  await turns(5);
  expect([one.position.again, other.position.again]).toEqual([0, 10]);
  other.position.settle();
  expect(other.position.again).toBe(10);
  await clock.advance(1);
  one.position.settle();
  await turns(5);
  expect([other.position.sequence, other.position.again]).toEqual([7, 0]);
});

test('an instance that comes learns of it from those that have heard, though who published it is gone', async () => {
  const { clock, join } = setUp();
  const [dead, one] = [await join(), await join()];
  dead.position.published(7);
  await turns(5);
  dead.bus.setStatus('down');
  await clock.advance(20_000);
  expect(one.position.sequence).toBe(7);
  const late = await join();
  expect(late.position.sequence).toBeUndefined();
  const learning = late.position.learn();
  await turns(10);
  await clock.advance(2000);
  await learning;
  expect([late.position.sequence, late.position.again]).toEqual([7, 10]);
});
