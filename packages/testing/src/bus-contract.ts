import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { turns } from './clock.js';
import { eventually } from './eventually.js';
import type { Program } from './program.js';
import { TcpProxy } from './tcp-proxy.js';

/** A bus as the engine defines it. */
export interface ContractBus {
  readonly status: 'up' | 'down';
  publish(topic: string, message: string): Promise<void>;
  subscribe(topic: string, receive: (message: string) => void): Promise<() => void>;
  subscribeForeign?(channel: string, receive: (message: string) => void): Promise<() => void>;
  onStatus(listener: (status: 'up' | 'down') => void): () => void;
  close(): Promise<void>;
}

/** The options of a bus over a broker that tests of its faults choose. */
export interface ContractBusOptions {
  pingIntervalMs?: number;
  replyTimeoutMs?: number;
  connectTimeoutMs?: number;
  maxBackOffMs?: number;
  maxPendingBytes?: number;
}

/** A broker that runs for the suite. */
export interface ContractBroker {
  /** The bus of one more instance, connected; over another port than the broker's where one is given. */
  connect(options?: ContractBusOptions, port?: number): Promise<ContractBus>;
  /** Another program publishes bytes on a channel of exactly this name. */
  publishForeign(channel: string, bytes: Uint8Array): Promise<void>;
  /** The broker's process, where it has one that can fail. */
  program?: Program;
  close(): Promise<void>;
}

export interface ContractBrokerOptions {
  /** It cuts a subscriber off that leaves 4 MiB waiting. */
  cutsSlowReaders: boolean;
}

type Start = (options: ContractBrokerOptions) => Promise<ContractBroker>;

/** What the engine expects of every bus. Runs over a broker that `start` starts, as often as the suite needs. */
export function busContract(name: string, start: Start, { hasFaults = true } = {}): void {
  describe(`${name} as a bus`, () => {
    let broker: ContractBroker;
    beforeAll(async () => {
      broker = await start({ cutsSlowReaders: false });
    });
    afterAll(() => broker.close());
    healthyBus(() => broker);
  });
  describe.runIf(hasFaults)(`${name} as a bus whose broker fails`, () => {
    let broker: ContractBroker | undefined;
    afterEach(() => broker?.close());
    failingBus(async (options) => {
      broker = await start(options);
      return broker;
    });
  });
}

/** Remembers what arrives on a topic. */
async function listen(bus: ContractBus, topic: string): Promise<string[]> {
  const received: string[] = [];
  await bus.subscribe(topic, (message) => received.push(message));
  return received;
}

/** The buses of a test, closed after it. */
function connections(broker: () => ContractBroker) {
  const open: ContractBus[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((bus) => bus.close()));
  });
  return async (options?: ContractBusOptions, port?: number) => {
    const bus = await broker().connect(options, port);
    open.push(bus);
    return bus;
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function healthyBus(broker: () => ContractBroker): void {
  const connect = connections(broker);
  let topics = 0;
  /** A name that no other test uses. */
  const fresh = () => `contract.topic-${++topics}`;

  it('brings every message of every publisher once, in the order in which it was published', async () => {
    const topic = fresh();
    const [a, b, receiver] = [await connect(), await connect(), await connect()];
    const received = await listen(receiver, topic);
    const publications: Promise<void>[] = [];
    for (const number of numbers(500)) {
      for (const [from, bus] of [['a', a] as const, ['b', b] as const]) {
        publications.push(bus.publish(topic, `${from}${number}`));
      }
      if (number % 50 === 0) await Promise.all(publications);
    }
    await Promise.all(publications);
    await eventually(() => received.length >= 1000, 'every message');
    for (const from of ['a', 'b']) {
      const own = received.filter((message) => message.startsWith(from));
      expect(own).toEqual(numbers(500).map((number) => from + number));
    }
  });

  it('has a message arrive that is published as soon as the subscription is said to stand', async () => {
    const [publisher, receiver] = [await connect(), await connect()];
    for (const _ of numbers(30)) {
      const topic = fresh();
      const received = await listen(receiver, topic);
      await publisher.publish(topic, 'at once');
      await eventually(() => received.length === 1, 'the message');
    }
  });

  it('brings nothing of what was published before, and what comes after to several receivers once each', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    await publisher.publish(topic, 'before');
    const first = await listen(receiver, topic);
    await publisher.publish(topic, 'between');
    await eventually(() => first.length === 1, 'the message');
    const second = await listen(receiver, topic);
    await publisher.publish(topic, 'after');
    await eventually(() => second.length === 1 && first.length === 2, 'both messages');
    expect([first, second]).toEqual([['between', 'after'], ['after']]);
  });

  it('brings a receiver nothing any more once it is taken away, and the others still everything', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    const gone: string[] = [];
    const remove = await receiver.subscribe(topic, (message) => gone.push(message));
    const stays = await listen(receiver, topic);
    remove();
    remove();
    await publisher.publish(topic, 'one');
    await eventually(() => stays.length === 1, 'the message');
    expect(gone).toEqual([]);
  });

  it('listens anew where it has just stopped listening', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    for (const number of numbers(20)) {
      const received: string[] = [];
      const remove = await receiver.subscribe(topic, (message) => received.push(message));
      await publisher.publish(topic, String(number));
      await eventually(() => received.length > 0, 'the message');
      expect(received).toEqual([String(number)]);
      remove();
    }
    const [first, second] = await Promise.all([listen(receiver, topic), listen(receiver, topic)]);
    await publisher.publish(topic, 'end');
    await eventually(() => first.length === 1 && second.length === 1, 'both messages');
  });

  it('keeps topics apart that differ in characters brokers give a meaning', async () => {
    const [publisher, receiver] = [await connect(), await connect()];
    const base = fresh();
    const names = [
      base,
      `${base}.`,
      `${base}..`,
      `.${base}`,
      `${base}.*`,
      `${base}.>`,
      `${base}.a`,
      `${base} a`,
      `${base}%20a`,
      `${base}\r\na`,
      `${base}\0`,
      `${base}[ab]?`,
      `${base}{x}`,
      `${base}ü`,
      `${base}🚀`,
      `${base}${'x'.repeat(5000)}`,
      `${base}${'x'.repeat(5000)}y`,
    ];
    const received = await Promise.all(names.map((topic) => listen(receiver, topic)));
    await Promise.all(names.map((topic, index) => publisher.publish(topic, String(index))));
    await eventually(() => received.every((messages) => messages.length > 0), 'a message on each');
    expect(received).toEqual(names.map((_, index) => [String(index)]));
  });

  it('changes no character of a message', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    const received = await listen(receiver, topic);
    const all = String.fromCodePoint(...numbers(0x2100));
    const messages = [
      '',
      ' ',
      '\0',
      '\r\n',
      '+OK\r\n$5\r\n',
      'PUB x 1\r\n',
      '\u2028',
      '🚀👩‍🚀',
      '\ufffd',
      '\ufeffx',
      all,
    ];
    for (const message of messages) await publisher.publish(topic, message);
    await eventually(() => received.length === messages.length, 'every message');
    expect(received).toEqual(messages);
  });

  it.each([
    ['1.3 MB', 1_300_000],
    ['6 MB', 6_000_000],
  ])('brings messages of %s whole, in order with small ones', async (_, size) => {
    const topic = fresh();
    const [a, b, receiver] = [await connect(), await connect(), await connect()];
    const received = await listen(receiver, topic);
    const large = (letter: string) => `${letter}${'é'.repeat(size / 2)}${letter}`;
    const publications = [a.publish(topic, large('a')), b.publish(topic, large('b'))];
    publications.push(a.publish(topic, 'a small'), a.publish(topic, large('c')), b.publish(topic, 'b small'));
    await Promise.all(publications);
    await eventually(() => received.length === 5, 'every message');
    const of = (...own: string[]) => received.filter((message) => own.includes(message));
    expect(of(large('a'), 'a small', large('c')).map(({ length }) => length)).toEqual([size / 2 + 2, 7, size / 2 + 2]);
    expect(of(large('b'), 'b small').map(({ length }) => length)).toEqual([size / 2 + 2, 7]);
  });

  it('carries 10,000 topics', async () => {
    const [publisher, receiver] = [await connect(), await connect()];
    const base = fresh();
    const received = new Map<number, string[]>();
    const removes = await Promise.all(
      numbers(10_000).map((number) => {
        return receiver.subscribe(`${base}.${number}`, (message) => {
          received.set(number, [...(received.get(number) ?? []), message]);
        });
      }),
    );
    await Promise.all(numbers(10_000).map((number) => publisher.publish(`${base}.${number}`, String(number))));
    await eventually(() => received.size === 10_000, 'a message on each');
    for (const number of numbers(10_000)) expect(received.get(number)).toEqual([String(number)]);
    for (const remove of removes) remove();
    const probe = await listen(receiver, `${base}.probe`);
    await Promise.all(numbers(100).map((number) => publisher.publish(`${base}.${number}`, 'late')));
    await publisher.publish(`${base}.probe`, 'end');
    await eventually(() => probe.length === 1, 'the last message');
    for (const number of numbers(100)) expect(received.get(number)).toEqual([String(number)]);
  });

  it('hears what other programs publish on a channel, whatever it is, and nothing of what instances do', async () => {
    const channel = fresh();
    const [a, b] = [await connect(), await connect()];
    const heard: string[][] = [[], []];
    await a.subscribeForeign?.(channel, (message) => heard[0]?.push(message));
    const remove = await b.subscribeForeign?.(channel, (message) => heard[1]?.push(message));
    await broker().publishForeign(channel, Buffer.from('{"type":"x"}'));
    await broker().publishForeign(channel, Buffer.from([0xff, 0xfe, 0x00, 0xc3]));
    await broker().publishForeign(channel, Buffer.from('end'));
    await eventually(() => heard.every((messages) => messages.length === 3), 'three messages on both');
    expect(heard[0]?.filter((_, index) => index !== 1)).toEqual(['{"type":"x"}', 'end']);
    expect(heard[0]).toEqual(heard[1]);
    remove?.();
    await broker().publishForeign(channel, Buffer.from('more'));
    await eventually(() => heard[0]?.length === 4, 'the message');
    expect(heard[1]).toHaveLength(3);
  });

  it('is not disturbed by what other programs publish on topics', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    const received = await listen(receiver, topic);
    await broker().publishForeign(topic, Buffer.from([0xff, 0x00, 0xc3]));
    await broker().publishForeign(topic, Buffer.alloc(0));
    await publisher.publish(topic, 'ours');
    await eventually(() => received.includes('ours'), 'our message');
    expect([publisher.status, receiver.status]).toEqual(['up', 'up']);
  });

  it('outlives a receiver that throws', async () => {
    const topic = fresh();
    const [publisher, receiver] = [await connect(), await connect()];
    await receiver.subscribe(`${topic}.broken`, () => {
      throw new Error('broken');
    });
    const received = await listen(receiver, topic);
    await publisher.publish(`${topic}.broken`, 'one').catch(() => {});
    await publisher.publish(topic, 'two');
    await eventually(() => received.length === 1, 'the message');
  });

  it('rejects everything once it is closed, tells it, and leaves others alone', async () => {
    const topic = fresh();
    const [closed, other, third] = [await connect(), await connect(), await connect()];
    const received = await listen(other, topic);
    const heard: string[] = [];
    closed.onStatus((status) => heard.push(status));
    const last = closed.publish(topic, 'last');
    await closed.close();
    await closed.close();
    await last;
    expect([closed.status, heard]).toEqual(['down', ['down']]);
    await expect(closed.publish(topic, 'late')).rejects.toMatchObject({ name: 'BusDownError' });
    await third.publish(topic, 'third');
    await eventually(() => received.length === 2, 'both messages');
    expect(received).toEqual(['last', 'third']);
  });
}

/** Impatient, so that tests need not wait long; patient enough for a busy machine. */
const impatient: ContractBusOptions = {
  pingIntervalMs: 500,
  replyTimeoutMs: 2000,
  connectTimeoutMs: 2000,
  maxBackOffMs: 300,
};

function failingBus(start: Start): void {
  let broker: ContractBroker;
  const connect = connections(() => broker);
  const proxies: TcpProxy[] = [];
  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });

  /** A bus whose way to the broker can be held up. */
  async function behindProxy(options: ContractBusOptions = impatient) {
    const proxy = await TcpProxy.to((broker.program as Program).port);
    proxies.push(proxy);
    return { proxy, bus: await connect(options, proxy.port) };
  }

  const up = (...buses: ContractBus[]) =>
    eventually(() => buses.every((bus) => bus.status === 'up'), 'the buses being up');
  const down = (bus: ContractBus) => eventually(() => bus.status === 'down', 'the bus being down');

  it('says so when the broker crashes, rejects at once, and has restored everything when it says that it is back', async () => {
    broker = await start({ cutsSlowReaders: false });
    const program = broker.program as Program;
    const [a, b] = [await connect(impatient), await connect(impatient)];
    const received = new Map<string, string[]>();
    for (const number of numbers(500)) received.set(`t.${number}`, []);
    await Promise.all([...received].map(([topic, messages]) => b.subscribe(topic, (text) => messages.push(text))));
    const foreign: string[] = [];
    await b.subscribeForeign?.('t.foreign', (text) => foreign.push(text));
    const heard: string[] = [];
    b.onStatus((status) => heard.push(status));
    for (let round = 1; round <= 2; round++) {
      await program.kill();
      await Promise.all([down(a), down(b)]);
      // At once: what rejects later, by a timer or an answer, does so after the event loop has gone round.
      const rejected = a.publish('t.1', 'lost').catch((error: Error) => error.name);
      expect(await Promise.race([rejected, turns(1)])).toBe('BusDownError');
      // Somebody who comes meanwhile waits until it is back.
      const late: string[] = [];
      const waiting = b.subscribe(`t.late.${round}`, (text) => late.push(text));
      await program.start();
      await up(a);
      // What is published the moment it says `up` arrives: the subscriptions stand already.
      await new Promise<void>((resolve) => {
        if (b.status === 'up') resolve();
        else b.onStatus((status) => status === 'up' && resolve());
      });
      await Promise.all([...received.keys()].map((topic) => a.publish(topic, `round ${round}`)));
      await waiting;
      await a.publish(`t.late.${round}`, 'late');
      await broker.publishForeign('t.foreign', Buffer.from('x'));
      await eventually(
        () => [...received.values()].every((messages) => messages.length === round),
        'a message on each',
      );
      await eventually(() => late.length === 1 && foreign.length === round, 'the others');
    }
    expect(heard).toEqual(['down', 'up', 'down', 'up']);
    expect(received.get('t.7')).toEqual(['round 1', 'round 2']);
  });

  it('gives up publications that a broker at a halt does not confirm, says so, and is back with it', async () => {
    broker = await start({ cutsSlowReaders: false });
    const program = broker.program as Program;
    const [a, b] = [await connect(impatient), await connect(impatient)];
    const received = await listen(b, 't');
    await a.publish('t', 'before');
    // The broker confirms a message before it has written it to everybody.
    await eventually(() => received.length === 1, 'the message');
    await program.pause();
    await expect(a.publish('t', 'unconfirmed')).rejects.toMatchObject({ name: 'BusDownError' });
    await Promise.all([down(a), down(b)]);
    await expect(a.publish('t', 'down')).rejects.toMatchObject({ name: 'BusDownError' });
    program.resume();
    await up(a, b);
    await a.publish('t', 'after');
    await eventually(() => received.includes('after'), 'the message');
    // What was not confirmed may have been taken all the same, but never twice.
    expect(received.filter((message) => message !== 'unconfirmed')).toEqual(['before', 'after']);
    expect(received.length).toBeLessThanOrEqual(3);
  });

  it('says so when only its own way to the broker is cut off, while others go on', async () => {
    broker = await start({ cutsSlowReaders: false });
    const a = await connect(impatient);
    const { proxy, bus: b } = await behindProxy();
    const received = await listen(b, 't');
    proxy.hold();
    await down(b);
    await a.publish('t', 'while away');
    expect(a.status).toBe('up');
    proxy.release();
    await up(b);
    await a.publish('t', 'after');
    await eventually(() => received.includes('after'), 'the message');
    const heard: string[] = [];
    b.onStatus((status) => heard.push(status));
    proxy.cut();
    await eventually(() => heard.includes('up'), 'the bus being up again');
    expect(heard).toEqual(['down', 'up']);
    await a.publish('t', 'again');
    await eventually(() => received.includes('again'), 'the message');
  });

  it('says so when the broker cuts it off for being slow', async () => {
    broker = await start({ cutsSlowReaders: true });
    const a = await connect();
    // It would not notice by itself for a minute.
    const { proxy, bus: b } = await behindProxy({ ...impatient, pingIntervalMs: 60_000, replyTimeoutMs: 60_000 });
    const received = await listen(b, 't');
    const heard: string[] = [];
    b.onStatus((status) => heard.push(status));
    const large = 'x'.repeat(1_000_000);
    proxy.hold();
    // Enough for the kernel's buffers and then the broker's.
    for (const _ of numbers(40)) await a.publish('t', large);
    proxy.release();
    await eventually(() => heard.includes('up'), 'the bus being up again');
    expect(heard).toEqual(['down', 'up']);
    await a.publish('t', 'after');
    await eventually(() => received.includes('after'), 'the message');
    expect(received.length).toBeLessThan(41);
  });

  it('takes no more publications than it may hold while the broker does not keep up', async () => {
    broker = await start({ cutsSlowReaders: false });
    const { proxy, bus } = await behindProxy({ ...impatient, maxPendingBytes: 1_000_000 });
    const receiver = await connect();
    const received = await listen(receiver, 't');
    proxy.hold();
    const publications = numbers(200).map((number) => bus.publish('t', `${number} ${'x'.repeat(100_000)}`));
    const settled = Promise.allSettled(publications);
    await expect(publications[50]).rejects.toMatchObject({ name: 'BusFullError', maxBytes: 1_000_000 });
    proxy.release();
    const outcomes = await settled;
    const taken = outcomes.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []));
    expect(taken.length).toBeLessThan(10);
    await up(bus);
    await bus.publish('t', 'end');
    await eventually(() => received.includes('end'), 'the last message');
    const numbersOf = received.slice(0, -1).map((message) => Number(message.split(' ')[0]));
    expect(numbersOf).toEqual([...new Set(numbersOf)].sort((x, y) => x - y));
    expect(numbersOf).toEqual(expect.arrayContaining(taken));
  });

  it('rejects a subscription that the broker does not confirm in time, and keeps nothing of it', async () => {
    broker = await start({ cutsSlowReaders: false });
    const bus = await connect({ ...impatient, subscribeTimeoutMs: 1000 } as ContractBusOptions);
    await (broker.program as Program).kill();
    await down(bus);
    const received: string[] = [];
    await expect(bus.subscribe('t', (text) => received.push(text))).rejects.toMatchObject({ name: 'BusDownError' });
    await (broker.program as Program).start();
    await up(bus);
    const later = await listen(bus, 't');
    const other = await connect(impatient);
    await other.publish('t', 'x');
    await eventually(() => later.length === 1, 'the message');
    expect(received).toEqual([]);
  });
}
