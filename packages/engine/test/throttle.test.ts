import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { testCluster } from './support/clusters.js';

describe('a throttle', () => {
  it('runs the first at once and the newest of the others when the time is over', async () => {
    const test = testCluster();
    const throttle = (await test.join('a')).throttle(30_000);
    const ran: string[] = [];
    for (const task of ['1', '2', '3']) throttle.run('stats', () => ran.push(task));
    expect(ran).toEqual(['1']);
    await test.clock.advance(29_999);
    expect(ran).toEqual(['1']);
    await test.clock.advance(1);
    expect(ran).toEqual(['1', '3']);
  });

  it('keeps its distance after the second run, too', async () => {
    const test = testCluster();
    const throttle = (await test.join('a')).throttle(30_000);
    const ran: number[] = [];
    const start = test.clock.now();
    for (let second = 0; second < 100; second++) {
      throttle.run('stats', () => ran.push((test.clock.now() - start) / 1000));
      await test.clock.advance(1000);
    }
    expect(ran).toEqual([0, 30, 60, 90]);
  });

  it('runs the next at once when the time has passed without another', async () => {
    const test = testCluster();
    const throttle = (await test.join('a')).throttle(30_000);
    const ran: string[] = [];
    throttle.run('stats', () => ran.push('1'));
    await test.clock.advance(30_000);
    expect(ran).toEqual(['1']);
    throttle.run('stats', () => ran.push('2'));
    expect(ran).toEqual(['1', '2']);
    expect(test.clock.pending).toBeGreaterThan(0);
  });

  it('is each key’s own', async () => {
    const test = testCluster();
    const throttle = (await test.join('a')).throttle(30_000);
    const ran: string[] = [];
    for (const key of ['one', 'two', 'one']) throttle.run(key, () => ran.push(key));
    expect(ran).toEqual(['one', 'two']);
  });

  it('runs on one instance only: the owner of the key', async () => {
    const test = testCluster();
    const clusters = [await test.join('a'), await test.join('b'), await test.join('c')];
    await turns(10);
    const throttles = clusters.map((cluster) => cluster.throttle(30_000));
    const ran: string[] = [];
    for (let number = 0; number < 20; number++) {
      const key = `guild-${number}`;
      for (const [index, throttle] of throttles.entries()) {
        throttle.run(key, () => ran.push(`${key} on ${clusters[index]?.options.instance}`));
      }
    }
    expect(ran).toEqual(Array.from({ length: 20 }, (_, n) => `guild-${n} on ${clusters[0]?.owner(`guild-${n}`)}`));
  });

  it('passes to another instance when its owner has died, within 30 seconds', async () => {
    const test = testCluster();
    const clusters = [await test.join('a'), await test.join('b')] as const;
    await turns(10);
    const throttles = clusters.map((cluster) => cluster.throttle(30_000));
    const dead = clusters[0].owner('stats');
    const left = throttles[dead === 'a' ? 1 : 0];
    test.bus(dead).setStatus('down');
    const ran: number[] = [];
    let afterMs = 0;
    for (; ran.length === 0 && afterMs < 60_000; afterMs += 1000) {
      await test.clock.advance(1000);
      left?.run('stats', () => ran.push(afterMs));
    }
    expect(afterMs).toBeGreaterThan(9000);
    expect(afterMs).toBeLessThan(30_000);
  });

  it('logs what a task fails with, and goes on', async () => {
    const test = testCluster();
    const throttle = (await test.join('a')).throttle(30_000);
    const ran: string[] = [];
    throttle.run('stats', () => {
      throw new Error('first');
    });
    throttle.run('stats', () => Promise.reject(new Error('second')));
    await test.clock.advance(30_000);
    throttle.run('stats', () => ran.push('third'));
    await test.clock.advance(30_000);
    expect(ran).toEqual(['third']);
    expect(test.logger.lines).toMatchObject([
      { level: 'error', fields: { err: { message: 'first' } } },
      { level: 'error', fields: { err: { message: 'second' } } },
    ]);
  });

  it('runs nothing after its cluster has closed', async () => {
    const test = testCluster();
    const cluster = await test.join('a');
    const throttle = cluster.throttle(30_000);
    const ran: string[] = [];
    for (const task of ['1', '2']) throttle.run('stats', () => ran.push(task));
    await cluster.close();
    await test.clock.advance(60_000);
    expect(ran).toEqual(['1']);
    expect(test.clock.pending).toBe(0);
  });
});
