import { ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { Cluster, type Lease, silentLogger } from '../src/index.js';
import { type TestCluster, testCluster } from './support/clusters.js';

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

async function leases(joined: readonly Name[] = names) {
  const test = testCluster();
  const all = new Map<string, { cluster: Cluster; lease: Lease }>();
  const join = async (name: Name) => {
    const cluster = await test.join(name);
    all.set(name, { cluster, lease: cluster.lease('feed') });
  };
  for (const name of joined) await join(name);
  const holders = () => [...all].filter(([, { lease }]) => lease.held).map(([name]) => name);
  return {
    test,
    all,
    join,
    holders,
    of: (name: string | undefined) => all.get(name ?? '') as { cluster: Cluster; lease: Lease },
  };
}

/** What comes of `wait` in steps, so that nobody holds it beside another at any of them. */
async function stepwise(test: TestCluster, ms: number, check: () => void): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await test.clock.advance(500);
    await turns(3);
    check();
  }
}

describe('a lease', () => {
  it('is held at once where there is no bus', async () => {
    const alone = new Cluster({ instance: 'a', bus: undefined, clock: new ManualClock(), logger: silentLogger });
    const lease = alone.lease('feed');
    expect(lease.held).toBe(true);
    expect(alone.lease('feed')).toBe(lease);
    await alone.close();
    expect(lease.held).toBe(false);
  });

  it('is held by one, once all have had the time to be heard of', async () => {
    const { test, holders, of } = await leases();
    const heard: string[] = [];
    for (const name of names) of(name).lease.onChange((held) => heard.push(`${name} ${held}`));
    await turns(10);
    expect(holders()).toEqual([]);
    // Nobody hears of a claim in the tick in which all might make one.
    test.fate = ({ text }) => (text.includes('"delta"') ? { delayMs: 50 } : 'deliver');
    await stepwise(test, 4000, () => expect(holders().length).toBeLessThanOrEqual(1));
    const [holder] = holders();
    expect(holders()).toHaveLength(1);
    for (const name of names) expect(of(name).lease.holder).toBe(holder);
    expect(heard).toEqual([`${holder} true`]);
  });

  it('stays where it is whoever comes', async () => {
    const { test, holders, join } = await leases(['a']);
    await test.clock.advance(3000);
    expect(holders()).toEqual(['a']);
    await join('b');
    await join('c');
    await stepwise(test, 20_000, () => expect(holders()).toEqual(['a']));
  });

  it('passes on within two seconds when its holder says goodbye or gives it up', async () => {
    const { test, holders, of } = await leases();
    await test.clock.advance(3000);
    const [first] = holders();
    const heard: boolean[] = [];
    of(first).lease.onChange((held) => heard.push(held));
    await of(first).cluster.close();
    await test.clock.advance(2000);
    await turns(5);
    const [second] = holders();
    expect(holders()).toHaveLength(1);
    expect(second).not.toBe(first);
    expect(heard).toEqual([false]);
    of(second).lease.stop();
    await test.clock.advance(2000);
    await turns(5);
    expect(holders()).toHaveLength(1);
    expect(holders()[0]).not.toBe(second);
  });

  it('passes on within 30 seconds when its holder dies without a word', async () => {
    const { test, holders, all } = await leases();
    await test.clock.advance(3000);
    const [first = ''] = holders();
    test.fate = ({ text, to }) => (JSON.parse(text).from === first || to === first ? 'drop' : 'deliver');
    all.delete(first);
    let afterMs = 0;
    while (holders().length === 0 && afterMs < 60_000) {
      await test.clock.advance(1000);
      await turns(3);
      afterMs += 1000;
    }
    expect(afterMs).toBeGreaterThan(9000);
    expect(afterMs).toBeLessThan(30_000);
  });

  it('is for those alone that would take it', async () => {
    const { test, all, holders } = await leases(['a']);
    for (const name of ['b', 'c', 'd', 'e']) await test.join(name);
    await test.clock.advance(3000);
    expect(holders()).toEqual(['a']);
    expect(all.get('a')?.lease.holder).toBe('a');
  });

  it('is held on either side of a split, and after it by the one that had it first', async () => {
    const { test, holders, of } = await leases(['a', 'b']);
    await test.clock.advance(3000);
    const [first] = holders();
    test.fate = () => 'drop';
    await test.clock.advance(30_000);
    expect(holders()).toEqual(['a', 'b']);
    test.fate = () => 'deliver';
    await test.clock.advance(10_000);
    await turns(10);
    expect(holders()).toEqual([first]);
    await of(first).cluster.close();
    await test.clock.advance(2000);
    expect(holders()).toEqual([first === 'a' ? 'b' : 'a']);
  });

  it('survives a listener that fails', async () => {
    const { test, of, holders } = await leases(['a']);
    const heard: boolean[] = [];
    of('a').lease.onChange(() => {
      throw new Error('broken');
    });
    const stop = of('a').lease.onChange((held) => heard.push(held));
    await test.clock.advance(3000);
    expect(holders()).toEqual(['a']);
    expect(heard).toEqual([true]);
    expect(test.logger.lines).toMatchObject([{ message: 'a listener of a lease failed' }]);
    stop();
    of('a').lease.stop();
    of('a').lease.stop();
    expect(heard).toEqual([true]);
    await test.clock.advance(10_000);
    expect(holders()).toEqual([]);
    expect(of('a').cluster.lease('feed').held).toBe(true);
  });
});
