import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { type Cluster, Presence } from '../src/index.js';
import { type TestCluster, testCluster } from './support/clusters.js';

function watch(test: TestCluster, cluster: Cluster, graceMs?: number) {
  const heard: string[] = [];
  const presence = new Presence({
    name: 'crew',
    cluster,
    clock: test.clock,
    ...(graceMs === undefined ? {} : { graceMs }),
    onOnline: (key) => heard.push(`${key} online`),
    onOffline: (key) => heard.push(`${key} offline`),
  });
  return { presence, heard };
}

async function two(graceMs?: number) {
  const test = testCluster();
  const [a, b] = [await test.join('a'), await test.join('b')];
  await turns(5);
  return { test, a: watch(test, a, graceMs), b: watch(test, b, graceMs), clusters: [a, b] as const };
}

describe('presence', () => {
  it('is told once per change in the whole cluster, on every instance', async () => {
    const { a, b } = await two();
    const gone = [a.presence.track('ada'), a.presence.track('ada'), b.presence.track('ada'), b.presence.track('ada')];
    await turns(5);
    for (const { presence, heard } of [a, b]) {
      expect(heard).toEqual(['ada online']);
      expect(presence.isOnline('ada')).toBe(true);
      expect(presence.connections('ada')).toBe(4);
      expect([...presence.online()]).toEqual(['ada']);
    }
    for (const leave of gone.slice(0, 3)) leave();
    await turns(5);
    expect([a.heard, b.heard]).toEqual([['ada online'], ['ada online']]);
    expect(a.presence.connections('ada')).toBe(1);
    gone[3]?.();
    await turns(5);
    for (const { presence, heard } of [a, b]) {
      expect(heard).toEqual(['ada online', 'ada offline']);
      expect(presence.isOnline('ada')).toBe(false);
      expect(presence.connections('ada')).toBe(0);
    }
  });

  it('counts a connection’s going once, however often it is told', async () => {
    const { a } = await two();
    const leave = a.presence.track('ada');
    a.presence.track('ada');
    leave();
    leave();
    expect(a.presence.connections('ada')).toBe(1);
  });

  it('survives an interruption shorter than the grace period', async () => {
    const { test, a, b } = await two(10_000);
    const leave = a.presence.track('ada');
    await turns(5);
    leave();
    await test.clock.advance(9000);
    expect(b.presence.isOnline('ada')).toBe(true);
    const again = b.presence.track('ada');
    await test.clock.advance(60_000);
    for (const { heard } of [a, b]) expect(heard).toEqual(['ada online']);
    again();
    await turns(5);
    await test.clock.advance(9999);
    for (const { presence } of [a, b]) expect(presence.isOnline('ada')).toBe(true);
    await test.clock.advance(1);
    for (const { heard } of [a, b]) expect(heard).toEqual(['ada online', 'ada offline']);
  });

  it('ends for those of an instance that has died', async () => {
    const { test, a, b } = await two(1000);
    b.presence.track('bob');
    b.presence.track('ada');
    a.presence.track('ada');
    await turns(5);
    test.bus('b').setStatus('down');
    await test.clock.advance(21_000);
    expect(a.heard).toEqual(['ada online', 'bob online', 'bob offline']);
    expect([...a.presence.online()]).toEqual(['ada']);
  });

  it('is known to an instance that comes later', async () => {
    const { test, a } = await two();
    a.presence.track('ada');
    await turns(5);
    const late = watch(test, await test.join('late'));
    await turns(10);
    expect(late.presence.isOnline('ada')).toBe(true);
    expect(late.heard).toEqual(['ada online']);
  });

  it('is known to somebody who asks after the others have told already', async () => {
    const { test, a } = await two();
    const leave = a.presence.track('ada');
    await turns(5);
    const cluster = await test.join('late');
    await turns(10);
    const late = watch(test, cluster);
    expect([...late.presence.online()]).toEqual(['ada']);
    // Nobody has come, as far as this instance can tell: ada was here before.
    expect(late.heard).toEqual([]);
    leave();
    await turns(5);
    expect(late.heard).toEqual(['ada offline']);
  });

  it('of one name has nothing to do with that of another', async () => {
    const { test, clusters } = await two();
    const passengers = new Presence({ name: 'passengers', cluster: clusters[0], clock: test.clock });
    const crew = new Presence({ name: 'crew', cluster: clusters[0], clock: test.clock });
    passengers.track('ada');
    expect([passengers.isOnline('ada'), crew.isOnline('ada')]).toEqual([true, false]);
  });

  it('goes on when those who are told fail', async () => {
    const test = testCluster();
    const [a, b] = [await test.join('a'), await test.join('b')];
    const broken = () => {
      throw new Error('broken');
    };
    new Presence({ name: 'crew', cluster: a, clock: test.clock, graceMs: 1000, onOnline: broken, onOffline: broken });
    const { presence, heard } = watch(test, a);
    const leave = new Presence({ name: 'crew', cluster: b, clock: test.clock }).track('ada');
    await turns(5);
    expect(presence.isOnline('ada')).toBe(true);
    leave();
    await turns(5);
    await test.clock.advance(2000);
    expect(heard).toEqual(['ada online', 'ada offline']);
    expect(test.logger.lines).toHaveLength(2);
  });

  it('that is stopped tells nothing more', async () => {
    const { test, a } = await two(1000);
    const leave = a.presence.track('ada');
    leave();
    a.presence.stop();
    a.presence.track('bob');
    await test.clock.advance(10_000);
    expect(a.heard).toEqual(['ada online']);
  });
});
