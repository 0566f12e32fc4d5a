import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../src/index.js';

interface Events {
  a: number;
  b: string;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('an emitter', () => {
  it('calls the listeners of an event in the order they came', () => {
    const emitter = new Emitter<Events>();
    const calls: string[] = [];
    emitter.on('a', (n) => calls.push(`first ${n}`));
    emitter.on('b', (text) => calls.push(text));
    emitter.on('a', (n) => calls.push(`second ${n}`));
    emitter.emit('a', 1);
    expect(calls).toEqual(['first 1', 'second 1']);
  });

  it('gives back an unsubscribe that may be called again', () => {
    const emitter = new Emitter<Events>();
    const listener = vi.fn();
    const off = emitter.on('a', listener);
    const offAgain = emitter.on('a', listener);
    off();
    off();
    expect(emitter.listenerCount('a')).toBe(1);
    emitter.emit('a', 1);
    expect(listener).toHaveBeenCalledTimes(1);
    offAgain();
    expect(emitter.listenerCount('a')).toBe(0);
  });

  it('does not call a listener added, or taken off, while it emits', () => {
    const emitter = new Emitter<Events>();
    const late = vi.fn();
    const removed = vi.fn();
    emitter.on('a', () => {
      emitter.on('a', late);
      offRemoved();
    });
    const offRemoved = emitter.on('a', removed);
    emitter.emit('a', 1);
    expect(late).not.toHaveBeenCalled();
    expect(removed).not.toHaveBeenCalled();
    emitter.emit('a', 2);
    expect(late).toHaveBeenCalledWith(2);
  });

  it('keeps a listener that was added after the last one went', () => {
    const emitter = new Emitter<Events>();
    const off = emitter.on('a', () => {});
    off();
    const listener = vi.fn();
    emitter.on('a', listener);
    off();
    emitter.emit('a', 1);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('hands what a listener throws to the handler, and calls the others', () => {
    const handler = vi.fn();
    const emitter = new Emitter<Events>(handler);
    const other = vi.fn();
    emitter.on('a', () => {
      throw new Error('mine');
    });
    emitter.on('a', other);
    expect(() => emitter.emit('a', 1)).not.toThrow();
    expect(other).toHaveBeenCalled();
    expect(handler).toHaveBeenCalledExactlyOnceWith(new Error('mine'), 'a');
  });

  it('hands what an async listener rejects with to the handler', async () => {
    const handler = vi.fn();
    const emitter = new Emitter<Events>(handler);
    emitter.on('b', async () => {
      throw new Error('later');
    });
    emitter.emit('b', 'x');
    await vi.waitFor(() => expect(handler).toHaveBeenCalledExactlyOnceWith(new Error('later'), 'b'));
  });

  it('without a handler reports as the platform does, and never throws', () => {
    const fail = () => {
      throw new Error('mine');
    };
    const consoleError = vi.spyOn(console, 'error').mockImplementation(() => {});
    const emitter = new Emitter<Events>();
    emitter.on('a', fail);
    emitter.emit('a', 1);
    expect(consoleError).toHaveBeenCalledWith(new Error('mine'));

    const reportError = vi.fn();
    vi.stubGlobal('reportError', reportError);
    emitter.emit('a', 1);
    expect(reportError).toHaveBeenCalledWith(new Error('mine'));

    const badHandler = new Emitter<Events>(fail);
    badHandler.on('a', fail);
    expect(() => badHandler.emit('a', 1)).not.toThrow();
  });

  it('calls exactly who listens, whatever came and went', () => {
    const action = fc.oneof(
      fc.constant({ kind: 'on' as const, at: 0 }),
      fc.record({ kind: fc.constant('off' as const), at: fc.nat(20) }),
      fc.constant({ kind: 'emit' as const, at: 0 }),
      fc.constant({ kind: 'clear' as const, at: 0 }),
    );
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const emitter = new Emitter<Events>();
        const offs: (() => void)[] = [];
        const listening = new Set<number>();
        let called: number[] = [];
        for (const { kind, at } of actions) {
          if (kind === 'on') {
            const number = offs.length;
            offs.push(emitter.on('a', () => called.push(number)));
            listening.add(number);
          } else if (kind === 'off') {
            offs[at]?.();
            listening.delete(at);
          } else if (kind === 'clear') {
            emitter.clear();
            listening.clear();
          } else {
            called = [];
            emitter.emit('a', 1);
            expect(called).toEqual([...listening]);
          }
          expect(emitter.listenerCount('a')).toBe(listening.size);
        }
      }),
    );
  });
});
