import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../src/delivery/backlog.js';
import { ByteBudget } from '../src/delivery/budget.js';
import { type DeliveryClass, Frame } from '../src/delivery/frame.js';
import { join, maxWriteBytes } from '../src/delivery/queue.js';

/** The same rules over a plain array. */
class Model {
  frames: Frame[] = [];
  dropped = 0;

  get bytes(): number {
    return this.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  push(frame: Frame): void {
    if (frame.deliveryClass === 'latest' && frame.key !== null) {
      this.#dropFirst((waiting) => waiting.deliveryClass === 'latest' && waiting.key === frame.key);
    }
    this.frames.push(frame);
  }

  shrink(maxBytes: number): void {
    while (this.bytes > maxBytes && this.#dropFirst(({ deliveryClass }) => deliveryClass === 'drop-oldest'));
  }

  take(): Frame[] {
    const taken: Frame[] = [];
    let bytes = 0;
    for (;;) {
      const next = this.frames[0];
      if (next === undefined || (taken.length > 0 && bytes + next.bytes.length > maxWriteBytes)) return taken;
      bytes += next.bytes.length;
      taken.push(next);
      this.frames.shift();
    }
  }

  #dropFirst(condition: (frame: Frame) => boolean): boolean {
    const index = this.frames.findIndex(condition);
    if (index === -1) return false;
    this.frames.splice(index, 1);
    this.dropped++;
    return true;
  }
}

const deliveryClass = fc.constantFrom<DeliveryClass>('must', 'drop-oldest', 'latest');
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      size: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 20_000, max: 70_000 })),
      deliveryClass,
      key: fc.option(fc.constantFrom('a', 'b', 'c')),
      times: fc.constantFrom(1, 1, 1, 3, 700),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('shrink' as const), maxBytes: fc.integer({ min: 0, max: 200_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

describe('the backlog of a slow session', () => {
  it('does what a plain list would do, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const budget = new ByteBudget(Number.MAX_SAFE_INTEGER);
        const backlog = new Backlog(budget);
        const model = new Model();
        for (const todo of steps) {
          if (todo.do === 'push') {
            for (let time = 0; time < todo.times; time++) {
              const frame = new Frame(
                Buffer.allocUnsafe(Math.min(todo.size, 70_000 / todo.times)),
                todo.deliveryClass,
                todo.key,
              );
              backlog.push(frame);
              model.push(frame);
            }
          } else if (todo.do === 'shrink') {
            backlog.shrink(todo.maxBytes);
            model.shrink(todo.maxBytes);
          } else if (todo.do === 'take') {
            // Compared by identity: which frames they are, not what is in them.
            const [taken, expected] = [backlog.take(), model.take()];
            expect(taken.length).toBe(expected.length);
            expect(taken.every((frame, index) => frame === expected[index])).toBe(true);
            expect(join(taken).chunks.length).toBeLessThanOrEqual(1);
          } else {
            backlog.clear();
            model.frames = [];
          }
          expect(backlog.bytes).toBe(model.bytes);
          expect(backlog.empty).toBe(model.frames.length === 0);
          expect(backlog.dropped).toBe(model.dropped);
          expect(budget.bytes).toBe(model.bytes);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('of values that replace each other does not grow', () => {
    const backlog = new Backlog(new ByteBudget(Number.MAX_SAFE_INTEGER));
    const must = new Frame(Buffer.from('must'), 'must', 'position');
    backlog.push(must);
    for (let number = 0; number < 100_000; number++) {
      backlog.push(new Frame(Buffer.from(`${number}`), 'latest', 'position'));
    }
    expect(backlog.bytes).toBe('must99999'.length);
    expect(backlog.take().map(({ bytes }) => String(bytes))).toEqual(['must', '99999']);
  });
});

describe('the budget of a process', () => {
  it('counts a frame as often as it is in somebody’s backlog as one', () => {
    const budget = new ByteBudget(1000);
    const backlogs = [new Backlog(budget), new Backlog(budget), new Backlog(budget)];
    const frame = new Frame(Buffer.alloc(100));
    for (const backlog of backlogs) backlog.push(frame);
    backlogs[0]?.push(frame);
    expect(budget.bytes).toBe(100);
    for (const backlog of backlogs.slice(0, 2)) backlog.clear();
    expect(budget.bytes).toBe(100);
    backlogs[2]?.take();
    expect(budget.bytes).toBe(0);
  });
});
