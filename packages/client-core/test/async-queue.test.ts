import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AsyncQueue, ClientOptionsError } from '../src/index.js';

async function read<T>(queue: AsyncQueue<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) {
    items.push(item);
    if (items.length === count) break;
  }
  return items;
}

describe('an async queue', () => {
  it('gives what waits, then what comes, then ends', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 });
    queue.push(1);
    queue.push(2);
    const reading = read(queue);
    await Promise.resolve();
    queue.push(3);
    queue.end();
    queue.push(4);
    expect(await reading).toEqual([1, 2, 3]);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('throws the error it ended with, after what waits, once', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 });
    queue.push(1);
    queue.end(new Error('over'));
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('over');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('ends every reader that waits', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 });
    const readers = [queue.next(), queue.next()];
    queue.end();
    expect(await Promise.all(readers)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('tells when the loop is left, once, and keeps nothing', async () => {
    const onEnd = vi.fn();
    const queue = new AsyncQueue<number>({ capacity: 10, onEnd });
    for (const n of [1, 2, 3]) queue.push(n);
    expect(await read(queue, 1)).toEqual([1]);
    queue.push(4);
    queue.end();
    await queue.return();
    expect(queue.size).toBe(0);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it.each([0, -1, 1.5, Number.NaN])('does not take %d as its capacity', (capacity) => {
    expect(() => new AsyncQueue({ capacity })).toThrow(ClientOptionsError);
  });

  it('keeps the newest up to its capacity and counts what it drops', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), async (items, capacity) => {
        const dropped: number[] = [];
        const queue = new AsyncQueue<number>({ capacity, onDrop: (item) => dropped.push(item) });
        for (const item of items) queue.push(item);
        expect(queue.size).toBeLessThanOrEqual(capacity);
        queue.end();
        const kept = await read(queue);
        expect([...dropped, ...kept]).toEqual(items);
        expect(queue.dropped).toBe(Math.max(0, items.length - capacity));
      }),
    );
  });
});
