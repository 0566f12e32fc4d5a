import { ManualClock } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ConnectionLostError, Requests } from '../src/index.js';

function create() {
  const clock = new ManualClock();
  const requests = new Requests<string, number>(1_000, clock);
  return { clock, requests };
}

describe('requests', () => {
  it('are answered by key, in any order', async () => {
    const { clock, requests } = create();
    const answers = Promise.all([requests.ask('a', 'one', () => true), requests.ask('b', 'two', () => true)]);
    expect(requests.size).toBe(2);
    expect(requests.answered('b', 2)).toBe(true);
    expect(requests.answered('a', 1)).toBe(true);
    expect(await answers).toEqual([1, 2]);
    expect(requests.answered('a', 3)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('may be answered while they are sent', async () => {
    const { requests } = create();
    expect(await requests.ask('a', 'one', () => requests.answered('a', 7))).toBe(7);
  });

  it('reject with what the server said', async () => {
    const { requests } = create();
    const answer = requests.ask('a', 'joining', () => true);
    expect(requests.rejected('a', 'no room')).toBe(true);
    await expect(answer).rejects.toMatchObject({
      name: 'RequestRejectedError',
      operation: 'joining',
      reason: 'no room',
    });
    expect(requests.rejected('a', 'no room')).toBe(false);
  });

  it('time out, and a late answer reaches nobody', async () => {
    const { clock, requests } = create();
    const answer = requests.ask('a', 'joining', () => true);
    const failed = expect(answer).rejects.toMatchObject({
      name: 'TimeoutError',
      operation: 'joining',
      timeoutMs: 1_000,
    });
    await clock.advance(1_000);
    await failed;
    expect(requests.answered('a', 1)).toBe(false);
  });

  it('end with their connection', async () => {
    const { clock, requests } = create();
    const answers = Promise.allSettled([requests.ask('a', 'one', () => true), requests.ask('b', 'two', () => true)]);
    const reason = new ConnectionLostError(1006, '', 'gone');
    requests.interrupted(reason);
    expect(await answers).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    expect(clock.pending).toBe(0);
    expect(requests.size).toBe(0);
  });

  it('need a connection', async () => {
    const { clock, requests } = create();
    await expect(requests.ask('a', 'joining', () => false)).rejects.toMatchObject({
      name: 'NotConnectedError',
      operation: 'joining',
    });
    expect(clock.pending).toBe(0);
  });

  it('do not share a key', async () => {
    const { requests } = create();
    const first = requests.ask('a', 'one', () => true);
    await expect(requests.ask('a', 'two', () => true)).rejects.toThrow('two: an answer to a is awaited already');
    requests.answered('a', 1);
    expect(await first).toBe(1);
  });
});
