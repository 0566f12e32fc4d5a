import { type Engine, type Fate, MemoryBroker, type MemoryBus } from '@roomcast/engine';
import { type BusPublishOptions, publishFromBus } from '@roomcast/server';
import { eventually, ManualClock, RecordingLogger, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ForeignQueue } from '../src/foreign-queue.js';
import { type ChatGateway, chatGateway, quietEngine } from './support/chat.js';

const channel = 'roomcast.chat.publish';
const body = (text: string) => JSON.stringify({ room: 'lobby', text });

interface Instance {
  name: string;
  engine: Engine;
  bus: MemoryBus;
  chat: ChatGateway;
  logger: RecordingLogger;
  outcomes: string[];
  /** The body does not come to it. */
  deaf: boolean;
  inbox: { ready(): Promise<void>; stop(): void };
}

function setUp() {
  const clock = new ManualClock();
  let fate: (message: { to: string; text: string; topic: string }) => Fate = () => 'deliver';
  const broker = new MemoryBroker({ clock, fate: (message) => fate(message) });
  const instances: Instance[] = [];
  const join = async (name: string, options: Partial<BusPublishOptions> = {}): Promise<Instance> => {
    const bus = broker.connect(name);
    const engine = quietEngine({ bus, clock });
    onTestFinished(() => engine.close());
    const chat = chatGateway(engine);
    const logger = new RecordingLogger();
    const outcomes: string[] = [];
    const subscribe = bus.subscribeForeign.bind(bus);
    const instance = { name, engine, bus, chat, logger, outcomes, deaf: false } as Instance;
    bus.subscribeForeign = (to, receive) => subscribe(to, (text) => (instance.deaf ? undefined : receive(text)));
    await engine.ready();
    instance.inbox = publishFromBus({
      engine,
      gateway: chat,
      logger,
      onOutcome: (outcome) => outcomes.push(outcome),
      ...options,
    });
    await instance.inbox.ready();
    instances.push(instance);
    return instance;
  };
  const cluster = async (...names: string[]) => {
    for (const name of names) await join(name);
    await clock.advance(4000);
    await turns(5);
    return instances;
  };
  return {
    clock,
    broker,
    instances,
    join,
    cluster,
    /** The instance that publishes, and the others. */
    split: () => {
      const isHolder = ({ engine }: Instance) => engine.cluster.lease('$publish.chat').held;
      const holder = instances.find(isHolder) as Instance;
      return { holder, others: instances.filter((instance) => instance !== holder) };
    },
    publish: async (...texts: string[]) => {
      for (const text of texts) broker.publishForeign(channel, text);
      await turns(20);
    },
    seen: () => instances.map(({ chat }) => [...chat.seen]),
    setFate: (decide: typeof fate) => {
      fate = decide;
    },
  };
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `${from + index}`);

describe('a body on the bus', () => {
  test('is published once on every instance, all in the order in which they came', async () => {
    const { cluster, publish, seen } = setUp();
    const instances = await cluster('a', 'b', 'c');
    const texts = numbered(0, 50);
    await publish(...texts.map(body));
    expect(seen()).toEqual([texts, texts, texts]);
    expect(instances.flatMap(({ outcomes }) => outcomes)).toEqual(texts.map(() => 'published'));
  });

  test('may be an array, and come twice on purpose', async () => {
    const { cluster, publish, seen, clock } = setUp();
    await cluster('a', 'b');
    const two = JSON.stringify([
      { room: 'lobby', text: 'one' },
      { room: 'lobby', text: 'two' },
    ]);
    await publish(two, two);
    await clock.advance(70_000);
    const all = ['one', 'two', 'one', 'two'];
    expect(seen()).toEqual([all, all]);
  });

  test('that is not valid is ignored with one line, and counted, by the one that publishes', async () => {
    const { cluster, publish, seen, split, clock } = setUp();
    const instances = await cluster('a', 'b');
    await publish('{', JSON.stringify([{ room: 'lobby', text: 'good' }, { room: 5 }]), body('after'));
    await clock.advance(70_000);
    expect(seen()).toEqual([['after'], ['after']]);
    const { holder, others } = split();
    expect(holder.outcomes).toEqual(['refused', 'refused', 'published']);
    expect(holder.logger.lines).toMatchObject([
      { level: 'warn', fields: { gateway: 'chat', error: 'The body is not JSON in UTF-8' } },
      { level: 'warn', fields: { issues: [{ path: '1.room' }, { path: '1.text' }] } },
    ]);
    expect(others.flatMap(({ logger }) => logger.lines)).toEqual([]);
    expect(instances).toHaveLength(2);
  });

  test('that is larger than a request may be is ignored at once', async () => {
    const { cluster, publish, split, seen } = setUp();
    await cluster('a');
    await publish(body('x'.repeat(1024 * 1024)), body('ok'));
    expect(split().holder.outcomes).toEqual(['refused', 'published']);
    expect(seen()).toEqual([['ok']]);
  });

  test('that makes the gateway fail is logged, and over on all instances', async () => {
    const { clock, cluster, publish, seen, instances } = setUp();
    await cluster('a', 'b');
    for (const { chat } of instances) {
      const { publish: right } = chat;
      chat.publish = (event) => {
        if (event.text === 'poison') throw new Error('broken');
        return right(event);
      };
    }
    await publish(body('poison'), body('after'));
    await clock.advance(10_000);
    expect(seen()).toEqual([['after'], ['after']]);
    const errors = instances.flatMap(({ logger }) => logger.lines);
    expect(errors).toMatchObject([{ level: 'error', message: 'publishing a body of the bus failed' }]);
  });
});

describe('a body whose turn passes from one instance to another', () => {
  test('is published once when the one says goodbye', async () => {
    const { cluster, publish, split, clock, seen, instances } = setUp();
    await cluster('a', 'b', 'c');
    await publish(...numbered(0, 10).map(body));
    const { holder } = split();
    holder.inbox.stop();
    await publish(...numbered(10, 20).map(body));
    await clock.advance(900);
    expect(seen()).toEqual(instances.map(() => numbered(0, 20)));
    await publish(...numbered(20, 30).map(body));
    expect(seen()).toEqual(instances.map(() => numbered(0, 30)));
  });

  test('is published once, within three seconds, when the one has died', async () => {
    const { cluster, publish, split, clock } = setUp();
    await cluster('a', 'b', 'c');
    await publish(...numbered(0, 10).map(body));
    const { holder, others } = split();
    holder.bus.setStatus('down');
    for (let at = 10; at < 40; at += 10) {
      await publish(...numbered(at, at + 10).map(body));
      await clock.advance(3000);
      await turns(10);
      for (const { chat } of others) expect(chat.seen).toEqual(numbered(0, at + 10));
    }
    await clock.advance(20_000);
    await publish(body('40'));
    for (const { chat } of others) expect(chat.seen).toEqual(numbered(0, 41));
  });

  test('is published by one of the others alone when the one has died, though word of it takes its time', async () => {
    const { cluster, publish, split, clock, setFate } = setUp();
    await cluster('a', 'b', 'c', 'd');
    const { holder, others } = split();
    holder.bus.setStatus('down');
    setFate(({ text }) => (text.includes('$publish.chat.done') ? { delayMs: 50 } : 'deliver'));
    await publish(...numbered(0, 10).map(body));
    await clock.advance(5000);
    for (const { chat } of others) expect(chat.seen).toEqual(numbered(0, 10));
  });

  test('is left to the one that takes its time over it, and over what came before', async () => {
    const { cluster, broker, split, clock, seen } = setUp();
    await cluster('a', 'b');
    const { holder } = split();
    const { parse } = holder.chat;
    holder.chat.parse = (input) => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      return parse(input);
    };
    const many = numbered(0, 999);
    broker.publishForeign(channel, JSON.stringify(many.map((text) => ({ room: 'lobby', text }))));
    broker.publishForeign(channel, body('last'));
    for (let second = 0; second < 4; second++) {
      await clock.advance(1000);
      await turns(4);
    }
    expect(seen()[0]?.length).toBeLessThan(1000);
    await eventually(() => seen().every((texts) => texts.length >= 1000), 'all of it');
    await clock.advance(5000);
    const all = [...many, 'last'];
    expect(seen()).toEqual([all, all]);
  });

  test('is published by another when the one did not get it', async () => {
    const { cluster, publish, split, clock, seen } = setUp();
    await cluster('a', 'b');
    const { holder } = split();
    holder.deaf = true;
    await publish(body('lost'));
    expect(seen()).toEqual([[], []]);
    await clock.advance(3000);
    expect(seen()).toEqual([['lost'], ['lost']]);
    await clock.advance(70_000);
    expect(seen()).toEqual([['lost'], ['lost']]);
  });

  test('is not published again when word of it was lost', async () => {
    const { cluster, publish, clock, seen, setFate } = setUp();
    await cluster('a', 'b', 'c');
    setFate(({ text }) => (text.includes('$publish.chat.done') ? 'drop' : 'deliver'));
    await publish(body('hello'));
    await clock.advance(90_000);
    expect(seen()).toEqual([['hello'], ['hello'], ['hello']]);
  });

  test('is published once when an instance comes', async () => {
    const { cluster, publish, join, clock, seen } = setUp();
    await cluster('a');
    await publish(...numbered(0, 5).map(body));
    await join('b');
    await publish(...numbered(5, 10).map(body));
    await clock.advance(5000);
    await publish(...numbered(10, 15).map(body));
    await clock.advance(70_000);
    expect(seen()).toEqual([numbered(0, 15), numbered(5, 15)]);
  });
});

test('events that the bus did not take go out when it is back', async () => {
  const { cluster, split, clock } = setUp();
  await cluster('a', 'b');
  const { holder, others } = split();
  const { publish: right } = holder.chat;
  holder.chat.publish = (event) => {
    holder.bus.setStatus('down');
    return right(event);
  };
  (holder.bus as MemoryBus).deliverForeign(channel, body('hello'));
  await turns(10);
  expect(others[0]?.chat.seen).toEqual([]);
  holder.bus.setStatus('up');
  await turns(10);
  await clock.advance(100);
  expect([holder.chat.seen, others[0]?.chat.seen]).toEqual([['hello'], ['hello']]);
});

test('a bus without that way in is left alone', async () => {
  const engine = quietEngine();
  const inbox = publishFromBus({ engine, gateway: chatGateway(engine), logger: new RecordingLogger() });
  await inbox.ready();
  inbox.stop();
  await engine.close();
});

describe('the queue', () => {
  test('keeps so many bodies, and so much of them, and lets the oldest go', () => {
    const queue = new ForeignQueue({ now: () => 0, maxBodies: 3, maxLength: 10 });
    expect(['a', 'b', 'c', 'd'].map((text) => queue.add(text))).toEqual([0, 0, 0, 1]);
    expect(queue.add('x'.repeat(9))).toBe(2);
    expect(queue.size).toBe(2);
    expect(queue.add('x'.repeat(30))).toBe(2);
    expect(queue.take()?.text).toHaveLength(30);
    expect(queue.take()).toBeUndefined();
  });

  test('knows what was published before it came, once for each time', () => {
    const time = { now: 0 };
    const queue = new ForeignQueue({ now: () => time.now });
    queue.add('a');
    const hash = queue.olderThan(0)[0]?.hash ?? '';
    expect(queue.settled(hash)).toBe(true);
    expect(queue.settled(hash)).toBe(false);
    queue.add('a');
    expect(queue.size).toBe(0);
    queue.add('a');
    expect(queue.size).toBe(1);
    expect(queue.stateOf(hash)).toBe('waiting');
    queue.published(queue.take() ?? { text: '', hash: '', at: 0 });
    expect(queue.stateOf(hash)).toBe('published');
    expect(queue.settled(hash)).toBe(false);
    time.now = 60_000;
    queue.prune();
    expect(queue.stateOf(hash)).toBe('unknown');
    queue.add('a');
    expect(queue.size).toBe(1);
    time.now = 120_000;
    queue.prune();
    expect(queue.size).toBe(0);
  });
});
