import { eventually, ManualClock, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cluster, type Fate, MemoryBroker, silentLogger } from '../src/index.js';
import { GatedBus } from './support/buses.js';
import { testCluster } from './support/clusters.js';

const beat = 5000;
const members = (cluster: Cluster) => [...cluster.members.ids()].sort();

describe('the members of a cluster', () => {
  it('find each other as soon as they are there', async () => {
    const test = testCluster();
    const a = await test.join('a');
    expect(members(a)).toEqual(['a']);
    const b = await test.join('b');
    const c = await test.join('c');
    await turns(10);
    for (const cluster of [a, b, c]) {
      expect(members(cluster)).toEqual(['a', 'b', 'c']);
      expect(cluster.members.size).toBe(3);
    }
    expect(a.members.has('c')).toBe(true);
    expect(a.members.has('d')).toBe(false);
    expect([...a.members.ids()][0]).toBe('a');
  });

  it('find each other also where one has spoken before it could hear the others', async () => {
    const test = testCluster();
    const a = await test.join('a');
    const bus = new GatedBus(test.broker.connect('b'));
    bus.gated = () => true;
    const b = new Cluster({ instance: 'b', bus, clock: test.clock, logger: silentLogger });
    onTestFinished(() => b.close());
    b.share<number>('counts').set('hall', 1);
    await eventually(() => bus.waiting.length === 1 && a.members.has('b'));
    await turns(5);
    bus.gated = () => false;
    bus.waiting[0]?.admit();
    await b.ready();
    await turns(10);
    expect(members(b)).toEqual(['a', 'b']);
    expect([...a.share<number>('counts').values('hall')]).toEqual([1]);
  });

  it('stay as long as they are heard of', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await test.clock.advance(20 * beat);
    expect(members(a)).toEqual(['a', 'b']);
    expect(members(b)).toEqual(['a', 'b']);
  });

  it('are gone at once when they say so', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(5);
    await b.close();
    await turns(5);
    expect(members(a)).toEqual(['a']);
  });

  it('are given up after 15 seconds of silence, and not before', async () => {
    const test = testCluster();
    const [a] = [await test.join('a'), await test.join('b')];
    await turns(5);
    await test.clock.advance(beat);
    test.bus('b').setStatus('down');
    await test.clock.advance(2 * beat);
    expect(members(a)).toEqual(['a', 'b']);
    await test.clock.advance(beat);
    expect(members(a)).toEqual(['a']);
  });

  it('are back as soon as the bus is', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    test.bus('b').setStatus('down');
    await test.clock.advance(4 * beat);
    expect([members(a), members(b)]).toEqual([['a'], ['b']]);
    test.bus('b').setStatus('up');
    await turns(10);
    expect([members(a), members(b)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('are answered as soon as they are heard again, whatever they say', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    test.fate = () => 'drop';
    await test.clock.advance(4 * beat);
    expect([members(a), members(b)]).toEqual([['a'], ['b']]);
    test.fate = () => 'deliver';
    b.share<number>('counts').set('hall', 1);
    await turns(10);
    expect([members(a), members(b)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('are one where there is no bus', async () => {
    const clock = new ManualClock();
    const alone = new Cluster({ instance: 'a', bus: undefined, clock, logger: silentLogger });
    await alone.ready();
    expect(members(alone)).toEqual(['a']);
    expect(alone.isOwner('anything')).toBe(true);
    const share = alone.share<number>('counts');
    share.set('x', 1);
    expect([...share.values('x')]).toEqual([1]);
    await alone.close();
    expect(clock.pending).toBe(0);
  });

  it('hear no strangers, nor other versions: counted, and told of once a minute at most', async () => {
    const test = testCluster();
    const a = await test.join('a');
    const stranger = test.broker.connect('stranger');
    const message = (fields: object) => JSON.stringify({ version: 1, from: 'x', ...fields });
    const garbage = [
      'nonsense',
      'null',
      '{}',
      message({ from: 5, kind: 'bye' }),
      message({ kind: 'dance' }),
      message({ kind: 'beat' }),
      message({ kind: 'beat', shares: { counts: '1' } }),
      message({ kind: 'want', to: 'a' }),
      message({ kind: 'delta', share: 'counts', revision: 1.5, entries: [] }),
      message({ kind: 'full', share: 'counts', revision: 1, part: 0, parts: 1, entries: [5] }),
      message({ kind: 'full', share: 'counts', revision: 1, part: 0, parts: 1, entries: [[5, 1]] }),
      message({ version: 2, kind: 'beat', shares: {} }),
      message({ version: undefined, kind: 'beat', shares: {} }),
    ];
    for (const text of garbage) await stranger.publish('roomcast.$cluster', text);
    await turns(5);
    expect([members(a), a.ignored]).toEqual([['a'], garbage.length]);
    expect(test.logger.lines).toMatchObject([{ level: 'warn', fields: { topic: 'roomcast.$cluster', messages: 1 } }]);
    await test.clock.advance(60_000);
    await stranger.publish('roomcast.$cluster', 'nonsense');
    await turns(5);
    expect(test.logger.lines).toMatchObject([{}, { fields: { messages: garbage.length } }]);
  });

  it('are not given up by one that stood still itself, and has still to read what they have said', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(5);
    const heard: string[] = [];
    for (const cluster of [a, b]) cluster.onMembers({ gone: (member) => heard.push(member) });
    b.share<number>('counts').set('hall', 1);
    await turns(5);
    // The others wait until time goes on here: nothing is heard from them before the first timer runs.
    test.clock.skip(60_000);
    await test.clock.advance(0);
    await turns(5);
    expect([members(a), members(b), heard]).toEqual([['a', 'b'], ['a', 'b'], []]);
    test.bus('a').setStatus('down');
    await test.clock.advance(5 * beat);
    expect(members(b)).toEqual(['b']);
  });

  it('hear each other once, however often the bus has refused before', async () => {
    const bus = new GatedBus(new MemoryBroker().connect());
    bus.gated = (topic) => topic === 'roomcast.$cluster';
    const cluster = new Cluster({ instance: 'a', bus, clock: new ManualClock(), logger: silentLogger });
    const refused = expect(cluster.ready()).rejects.toMatchObject({ name: 'BusDownError' });
    await eventually(() => bus.waiting.length === 1);
    bus.waiting[0]?.refuse();
    await refused;
    bus.gated = () => false;
    await cluster.ready();
    expect(bus.subscribed).toEqual(['roomcast.$cluster.a', 'roomcast.$cluster.a', 'roomcast.$cluster']);
    expect(bus.unsubscribed).toEqual(['roomcast.$cluster.a']);
    await cluster.close();
  });
});

describe('a share', () => {
  const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

  it('shows every instance’s values on each of them', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    const [onA, onB] = [a.share<number>('counts'), b.share<number>('counts')];
    onA.set('hall', 2);
    onB.set('hall', 3);
    onB.set('yard', 1);
    expect(sorted(onA.values('hall'))).toEqual([2]);
    await turns(5);
    expect(sorted(onA.values('hall'))).toEqual([2, 3]);
    expect(sorted(onB.values('hall'))).toEqual([2, 3]);
    expect([...onA.keys()].sort()).toEqual(['hall', 'yard']);
    expect([onA.own('hall'), onA.own('yard')]).toEqual([2, undefined]);
    onB.set('yard', undefined);
    onB.set('hall', 4);
    await turns(5);
    expect(sorted(onA.values('hall'))).toEqual([2, 4]);
    expect([...onA.keys()]).toEqual(['hall']);
  });

  it('is one for all who ask by its name, and another for another name', async () => {
    const test = testCluster();
    const a = await test.join('a');
    expect(a.share('counts')).toBe(a.share('counts'));
    a.share<number>('counts').set('hall', 1);
    expect([...a.share('others').keys()]).toEqual([]);
  });

  it('tells of changes, here and elsewhere, and of those alone', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    const [onA, onB] = [a.share<number>('counts'), b.share<number>('counts')];
    const heard: string[] = [];
    const stop = onA.onChange((key) => heard.push(key));
    onA.set('here', 1);
    onB.set('there', 1);
    onB.set('nowhere', undefined);
    await turns(5);
    expect(heard).toEqual(['here', 'there']);
    stop();
    stop();
    onA.set('here', 2);
    expect(heard).toHaveLength(2);
  });

  it('sends what changes in one tick as one message', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(5);
    const sent: string[] = [];
    test.fate = ({ text }) => {
      sent.push(text);
      return 'deliver';
    };
    for (let number = 0; number < 100; number++) a.share<number>('counts').set(`room-${number}`, number);
    await turns(5);
    expect(sent).toHaveLength(1);
    expect(b.share('counts').keys().size).toBe(100);
  });

  it('is known to an instance that comes later', async () => {
    const test = testCluster();
    const a = await test.join('a');
    a.share<number>('counts').set('hall', 2);
    await turns(5);
    const b = await test.join('b');
    await turns(10);
    expect(sorted(b.share<number>('counts').values('hall'))).toEqual([2]);
  });

  it('loses the part of an instance that is gone, and says so', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    b.share<number>('counts').set('hall', 3);
    await turns(5);
    const heard: string[] = [];
    a.share('counts').onChange((key) => heard.push(key));
    await b.close();
    await turns(5);
    expect([...a.share('counts').values('hall')]).toEqual([]);
    expect(heard).toEqual(['hall']);
  });

  it('is whole again after a change was lost, with the next sign of life', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(5);
    test.fate = () => 'drop';
    a.share<number>('counts').set('hall', 1);
    await turns(5);
    test.fate = () => 'deliver';
    expect([...b.share('counts').values('hall')]).toEqual([]);
    await test.clock.advance(beat);
    await turns(10);
    expect([...b.share('counts').values('hall')]).toEqual([1]);
  });

  it('asks for the whole at once when a later change shows that one is missing', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    await turns(5);
    test.fate = () => 'drop';
    a.share<number>('counts').set('hall', 1);
    await turns(5);
    test.fate = () => 'deliver';
    a.share<number>('counts').set('yard', 2);
    await turns(10);
    expect([...b.share('counts').values('hall'), ...b.share('counts').values('yard')]).toEqual([1, 2]);
  });

  it('is not set back by an answer that comes late', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    const [onA, onB] = [a.share<number>('counts'), b.share<number>('counts')];
    await turns(5);
    test.fate = () => 'drop';
    onA.set('hall', 1);
    await turns(5);
    // The whole is asked for; the first answer takes its time, a second one does not.
    let fulls = 0;
    test.fate = ({ text }) => (text.includes('"full"') && ++fulls === 1 ? { delayMs: 100 } : 'deliver');
    onA.set('hall', 2);
    await turns(10);
    onA.set('hall', 3);
    await turns(10);
    expect([...onB.values('hall')]).toEqual([3]);
    const heard: number[] = [];
    onB.onChange((key) => heard.push(...onB.values(key)));
    await test.clock.advance(100);
    expect([...onB.values('hall')]).toEqual([3]);
    expect(heard).toEqual([]);
  });

  describe('that is larger than a message may be', () => {
    const keys = 30_000;
    const fill = (cluster: Cluster) => {
      for (let key = 0; key < keys; key++) cluster.share<string>('counts').set(`a rather long name ${key}`, 'full');
    };
    const count = (cluster: Cluster) => cluster.share('counts').keys().size;

    it('travels in several, each of a bounded size', async () => {
      const test = testCluster();
      const [a, b] = [await test.join('a'), await test.join('b')];
      await turns(5);
      const lengths: number[] = [];
      test.fate = ({ text }) => {
        lengths.push(text.length);
        return 'deliver';
      };
      fill(a);
      await turns(10);
      expect(count(b)).toBe(keys);
      const c = await test.join('c');
      await turns(10);
      expect(count(c)).toBe(keys);
      expect(Math.max(...lengths)).toBeLessThan(200_000);
      expect(lengths.length).toBeGreaterThan(10);
    });

    it('takes in what changes while its parts are under way, with no need to ask again', async () => {
      const test = testCluster();
      const a = await test.join('a');
      fill(a);
      await turns(5);
      let wants = 0;
      test.fate = ({ text }) => {
        if (text.includes('"want"')) wants++;
        // The second part is the last to come, after the changes.
        return text.includes('"part":1,') ? { delayMs: 100 } : 'deliver';
      };
      const b = await test.join('b');
      await turns(10);
      for (const value of ['one', 'two', 'three']) {
        a.share('counts').set('changed', value);
        await turns(5);
      }
      expect(count(b)).toBe(0);
      await test.clock.advance(100);
      expect(count(b)).toBe(keys + 1);
      expect([...b.share('counts').values('changed')]).toEqual(['three']);
      expect(wants).toBe(1);
    });

    it('comes whole with the next sign of life when a part was lost', async () => {
      const test = testCluster();
      const a = await test.join('a');
      fill(a);
      await turns(5);
      test.fate = ({ text }) => (text.includes('"part":1,') ? 'drop' : 'deliver');
      const b = await test.join('b');
      await turns(10);
      expect(count(b)).toBe(0);
      test.fate = () => 'deliver';
      await test.clock.advance(beat);
      await turns(10);
      expect(count(b)).toBe(keys);
    });
  });

  it('is the same everywhere after any losses and delays, once the bus has behaved for a while', async () => {
    const fates = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Fate>('deliver') },
        { weight: 2, arbitrary: fc.constant<Fate>('drop') },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 8000 }).map<Fate>((delayMs) => ({ delayMs })) },
      ),
      { maxLength: 120 },
    );
    const changes = fc.array(
      fc.record({
        by: fc.constantFrom('a', 'b', 'c'),
        key: fc.constantFrom('hall', 'yard', 'attic'),
        value: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        waitMs: fc.constantFrom(0, 0, 1, 100, 5000),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(fates, changes, async (decided, todo) => {
        const clock = new ManualClock();
        const next = decided.values();
        let behaves = false;
        const broker = new MemoryBroker({
          clock,
          fate: () => (behaves ? 'deliver' : ((next.next().value as Fate | undefined) ?? 'deliver')),
        });
        const clusters = ['a', 'b', 'c'].map(
          (instance) => new Cluster({ instance, bus: broker.connect(instance), clock, logger: silentLogger }),
        );
        const shares = new Map(clusters.map((cluster) => [cluster.options.instance, cluster.share<number>('counts')]));
        for (const { by, key, value, waitMs } of todo) {
          shares.get(by)?.set(key, value);
          if (waitMs > 0) await clock.advance(waitMs);
        }
        // What is still under way arrives, and then every instance is heard of twice.
        await clock.advance(8000);
        behaves = true;
        await clock.advance(2 * beat);
        for (let round = 0; round < 6; round++) await turns(1);
        const expected = (key: string) =>
          sorted([...shares.values()].map((share) => share.own(key)).filter((value) => value !== undefined));
        for (const share of shares.values()) {
          for (const key of ['hall', 'yard', 'attic']) expect(sorted(share.values(key))).toEqual(expected(key));
        }
        for (const cluster of clusters) await cluster.close();
      }),
      { numRuns: 100 },
    );
  });
});
