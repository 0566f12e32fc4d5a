import { ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Fate, type Gap, MemoryBroker, silentLogger } from '../src/index.js';
import { Counters } from '../src/observe/stats.js';
import { Following } from '../src/publishing/sequence.js';
import { Topics } from '../src/publishing/topics.js';

/** Instances' topics on one broker, whose messages fare as the test says. */
function setup() {
  const clock = new ManualClock();
  const texts: string[] = [];
  const decide: { fate(text: string): Fate } = { fate: () => 'deliver' };
  const broker = new MemoryBroker({
    clock,
    fate: ({ text }) => {
      texts.push(text);
      return decide.fate(text);
    },
  });
  return {
    clock,
    texts,
    broker,
    decide,
    instance(name: string) {
      const bus = broker.connect(name);
      const [received, gaps, counters] = [[] as unknown[], [] as Gap[], new Counters()];
      const topics = new Topics({
        bus,
        prefix: 'test.',
        instance: name,
        clock,
        lingerMs: 15_000,
        counters,
        logger: silentLogger,
        receive: (_topic, event) => received.push(event),
        onGap: (gap) => gaps.push(gap),
      });
      void topics.acquire('$control');
      onTestFinished(() => topics.close());
      return { bus, topics, received, gaps, counters };
    },
  };
}

const marks = (texts: string[]) => texts.filter((text) => text.includes('"mark"'));

describe('the last event of a topic, lost', () => {
  it('is reported within three seconds', async () => {
    const { clock, instance, ...test } = setup();
    const [a, b] = [instance('a'), instance('b')];
    await b.topics.acquire('news');
    a.topics.spread('news', 1);
    await turns(2);
    test.decide.fate = (text) => (text.includes('"event":2') ? 'drop' : 'deliver');
    a.topics.spread('news', 2);
    await clock.advance(1999);
    expect(b.gaps).toEqual([]);
    await clock.advance(1001);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 1 }]);
    expect(b.counters.missed).toBe(1);
    a.topics.spread('news', 3);
    await clock.advance(10_000);
    expect([b.received, b.gaps.length]).toEqual([[1, 3], 1]);
  });

  it('that was the first as well is reported, where the topic was listened to long enough', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await b.topics.acquire('news');
    await test.clock.advance(5000);
    test.decide.fate = (text) => (text.includes('"event"') ? 'drop' : 'deliver');
    for (const event of [1, 2, 3]) a.topics.spread('news', event);
    await test.clock.advance(3000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 3 }]);
  });

  it('counts for one where it can not be known which of the publisher’s events were for us', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    for (const event of [1, 2, 3]) a.topics.spread('news', event);
    await test.clock.advance(10_000);
    await b.topics.acquire('news');
    await test.clock.advance(5000);
    test.decide.fate = (text) => (text.includes('"event"') ? 'drop' : 'deliver');
    a.topics.spread('news', 4);
    await test.clock.advance(3000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 1 }]);
  });

  it('can still be made good by a repeat', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await b.topics.acquire('news');
    a.topics.spread('news', 1);
    await turns(2);
    test.decide.fate = (text) => (text.includes('"event":2') ? 'drop' : 'deliver');
    const spread = a.topics.spread('news', 2);
    await test.clock.advance(3000);
    test.decide.fate = () => 'deliver';
    await spread.retry();
    await spread.retry();
    await test.clock.advance(5000);
    expect([b.received, b.gaps.length, b.counters.ignored]).toEqual([[1, 2], 1, 1]);
  });
});

describe('events before somebody listened', () => {
  it('are no loss, however soon the mark comes', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    for (const wait of [0, 100, 900, 1500, 1999, 2500]) {
      const topic = `news-${wait}`;
      a.topics.spread(topic, 1);
      await test.clock.advance(wait);
      await b.topics.acquire(topic);
      await test.clock.advance(5000);
    }
    expect(b.gaps).toEqual([]);
    a.topics.spread('news-0', 2);
    await turns(2);
    expect(b.received).toEqual([2]);
  });
});

describe('marks', () => {
  it('are sent once for each topic that has become quiet, and not while it is busy', async () => {
    const { clock, instance, ...test } = setup();
    const [a, b] = [instance('a'), instance('b')];
    for (const topic of ['busy', 'quiet']) await b.topics.acquire(topic);
    a.topics.spread('quiet', 1);
    for (let second = 0; second < 10; second++) {
      a.topics.spread('busy', second);
      await clock.advance(1000);
    }
    expect(marks(test.texts)).toHaveLength(1);
    await clock.advance(60_000);
    expect(marks(test.texts)).toHaveLength(2);
    expect([b.received.length, b.counters.ignored, b.counters.missed]).toEqual([11, 0, 0]);
  });

  it('wait for the bus where it is down', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await b.topics.acquire('news');
    a.topics.spread('news', 1);
    await turns(2);
    a.bus.setStatus('down');
    for (const event of [2, 3]) a.topics.spread('news', event).done.catch(() => {});
    await test.clock.advance(60_000);
    expect(b.gaps).toEqual([]);
    a.bus.setStatus('up');
    await test.clock.advance(1000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 2 }]);
  });

  it('are asked for by an instance whose bus was down, however long, and tell it what it has lost', async () => {
    const test = setup();
    const [a, b, c] = [test.instance('a'), test.instance('b'), test.instance('c')];
    for (const topic of ['old', 'news', 'calm']) await Promise.all([b.topics.acquire(topic), c.topics.acquire(topic)]);
    for (const topic of ['old', 'news', 'calm']) a.topics.spread(topic, 1);
    await test.clock.advance(100_000);
    b.bus.setStatus('down');
    for (const event of [2, 3]) a.topics.spread('news', event);
    await test.clock.advance(3_600_000);
    const sent = marks(test.texts).length;
    b.bus.setStatus('up');
    await turns(2);
    await test.clock.advance(1000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 2 }]);
    expect(c.gaps).toEqual([]);
    // To b and to c, and of no other topic.
    expect(marks(test.texts).length - sent).toBe(2);
  });

  it('are asked for again where the question could not be sent', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await b.topics.acquire('news');
    a.topics.spread('news', 1);
    await turns(2);
    b.bus.setStatus('down');
    a.topics.spread('news', 2);
    await test.clock.advance(10_000);
    const publish = b.bus.publish.bind(b.bus);
    b.bus.publish = () => Promise.reject(new Error('not yet'));
    b.bus.setStatus('up');
    await test.clock.advance(2000);
    expect(b.gaps).toEqual([]);
    b.bus.publish = publish;
    await test.clock.advance(2000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 1 }]);
  });

  it('are asked for from before the outage was noticed, and from the first of two that followed each other', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    for (const topic of ['news', 'more']) {
      await b.topics.acquire(topic);
      a.topics.spread(topic, 1);
    }
    await test.clock.advance(60_000);
    // The way to b is cut off, which b learns only after a while.
    test.decide.fate = (text) => (text.includes('"from":"a"') ? 'drop' : 'deliver');
    a.topics.spread('news', 2);
    await test.clock.advance(20_000);
    b.bus.setStatus('down');
    await test.clock.advance(60_000);
    const publish = b.bus.publish.bind(b.bus);
    b.bus.publish = () => Promise.reject(new Error('not yet'));
    b.bus.setStatus('up');
    await turns(2);
    b.bus.setStatus('down');
    b.bus.publish = publish;
    test.decide.fate = () => 'deliver';
    await test.clock.advance(60_000);
    b.bus.setStatus('up');
    await turns(2);
    await test.clock.advance(1000);
    expect(b.gaps).toEqual([{ topic: 'news', publisher: 'a', missed: 1 }]);
  });

  it('come for each topic in its time, whichever was first published to', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    for (const topic of ['one', 'two']) await b.topics.acquire(topic);
    a.topics.spread('one', 1);
    await test.clock.advance(500);
    a.topics.spread('two', 1);
    await test.clock.advance(1400);
    a.topics.spread('one', 2);
    await test.clock.advance(1100);
    expect(marks(test.texts)).toHaveLength(1);
  });

  it('are sent again where the bus did not take them, and once where they were due and asked for', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await b.topics.acquire('news');
    a.topics.spread('news', 1);
    await turns(2);
    const publish = a.bus.publish.bind(a.bus);
    a.bus.publish = () => Promise.reject(new Error('full'));
    await test.clock.advance(2000);
    a.bus.publish = publish;
    await test.clock.advance(1000);
    expect(marks(test.texts)).toHaveLength(1);
    a.topics.spread('news', 2);
    await test.clock.advance(1000);
    await test.broker.connect('c').publish('test.$control', '{"version":1,"from":"c","ask":{"withinMs":60000}}');
    await turns(2);
    await test.clock.advance(10_000);
    expect(marks(test.texts)).toHaveLength(2);
  });

  it('end with the instance', async () => {
    const test = setup();
    const a = test.instance('a');
    a.topics.spread('news', 1);
    a.topics.close();
    await turns(2);
    expect(test.clock.pending).toBe(0);
  });

  it('of very many topics are sent bit by bit, also when they are asked for', async () => {
    const test = setup();
    const [a, b] = [test.instance('a'), test.instance('b')];
    await Promise.all(Array.from({ length: 5000 }, (_, index) => b.topics.acquire(`t${index}`)));
    for (let index = 0; index < 5000; index++) a.topics.spread(`t${index}`, index);
    await test.clock.advance(2000);
    expect(marks(test.texts)).toHaveLength(2000);
    await test.clock.advance(2000);
    expect(marks(test.texts)).toHaveLength(5000);
    await test.broker.connect('c').publish('test.$control', '{"version":1,"from":"c","ask":{"withinMs":60000}}');
    await turns(2);
    await test.clock.advance(1000);
    expect(marks(test.texts)).toHaveLength(7000);
  });

  it.each([
    '{"version":1,"from":"x","ask":null}',
    '{"version":1,"from":"x","ask":{}}',
    '{"version":1,"from":"x","ask":{"withinMs":-1}}',
    '{"version":1,"from":"x","ask":{"withinMs":"9"}}',
    '{"version":1,"from":"x","epoch":"e","sequence":1,"mark":5}',
    '{"version":1,"from":"x","epoch":"e","sequence":1,"mark":{"firstAgoMs":1}}',
    '{"version":1,"from":"x","epoch":"e","sequence":0,"mark":{"firstAgoMs":1,"lastAgoMs":1}}',
    '{"version":1,"from":"x","epoch":"e","mark":{"firstAgoMs":1,"lastAgoMs":1}}',
  ])('that are none are ignored and counted: %s', async (text) => {
    const test = setup();
    const b = test.instance('b');
    await b.topics.acquire('news');
    await test.broker.connect('stranger').publish('test.news', text);
    await turns(2);
    expect([b.counters.ignored, b.gaps]).toEqual([1, []]);
  });
});

describe('messages that are none of ours', () => {
  it('are warned of once a minute at most, with how many they were', async () => {
    const clock = new ManualClock();
    const broker = new MemoryBroker();
    const lines: object[] = [];
    const counters = new Counters();
    const topics = new Topics({
      bus: broker.connect('b'),
      prefix: 'test.',
      instance: 'b',
      clock,
      lingerMs: 0,
      counters,
      logger: { ...silentLogger, warn: (fields) => lines.push(fields) },
      receive: () => {},
      onGap: () => {},
    });
    onTestFinished(() => topics.close());
    await topics.acquire('news');
    const stranger = broker.connect('stranger');
    for (let count = 0; count < 10; count++) await stranger.publish('test.news', '{"version":2}');
    await turns(2);
    expect(lines).toEqual([{ topic: 'news', messages: 1 }]);
    await clock.advance(60_000);
    await stranger.publish('test.news', 'x');
    await turns(2);
    expect(lines).toEqual([
      { topic: 'news', messages: 1 },
      { topic: 'news', messages: 10 },
    ]);
    expect(counters.ignored).toBe(11);
  });
});

describe('a mark', () => {
  const following = new Following();
  const event = (from: string, epoch: string, sequence: number) =>
    following.place({ version: 1, from, epoch, sequence, event: null });
  const missed = (from: string, epoch: string, sequence: number, lastAgoMs = 2000, sinceMs = 60_000) =>
    following.missed({ version: 1, from, epoch, sequence, mark: { firstAgoMs: 90_000, lastAgoMs } }, sinceMs);

  it('that comes after later events says nothing and changes nothing', () => {
    event('a', 'a.1', 5);
    expect([missed('a', 'a.1', 3), missed('a', 'a.1', 5)]).toEqual([0, 0]);
    expect(event('a', 'a.1', 6)).toEqual({ kind: 'next', missed: 0, isRepeat: false });
  });

  it('of a new run counts from its first event', () => {
    event('b', 'b.1', 7);
    expect(missed('b', 'b.2', 3)).toBe(3);
    expect(event('b', 'b.2', 4)).toMatchObject({ missed: 0 });
  });

  it('of a publisher never heard of counts where it has published well after listening began', () => {
    expect(missed('c', 'c.1', 9, 58_000, 60_000)).toBe(1);
    expect(missed('d', 'd.1', 9, 59_500, 60_000)).toBe(0);
    expect(event('d', 'd.1', 11)).toMatchObject({ missed: 1 });
  });
});
