import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../src/delivery/budget.js';
import { type Flushable, Flusher } from '../src/delivery/flush.js';
import { Frame } from '../src/delivery/frame.js';
import { Outbox } from '../src/delivery/outbox.js';

/** A session's outbox on a socket that writes into a log. */
function outbox(name: string, flusher: Flusher, log: string[]): Outbox {
  return new Outbox(
    {
      open: true,
      write: (bytes) => {
        log.push(`${name}: ${bytes}`);
        return true;
      },
      close: (code) => void log.push(`${name}: close ${code}`),
    },
    { maxQueuedBytes: 1000, dropped: () => {}, overflowed: () => {} },
    flusher,
  );
}

const frame = (text: string) => new Frame(Buffer.from(text));

/** A queue whose write takes the loop for a while. */
function slowToWrite(log: string[], name: string, takesMs: number, bytes = 1): Flushable {
  return {
    lane: 'none',
    flush: () => {
      const end = performance.now() + takesMs;
      while (performance.now() < end);
      log.push(name);
      return bytes;
    },
  };
}

describe('what is queued in one tick', () => {
  it('is written after it, with one write for each session', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const [one, two] = [outbox('one', flusher, log), outbox('two', flusher, log)];
    const shared = frame('a');
    for (const session of [one, two]) session.push(shared, false);
    one.push(frame('b'), false);
    two.push(frame('c'), false);
    one.push(frame('d'), false);
    expect(log).toEqual([]);
    await turns(1);
    expect(log).toEqual(['one: abd', 'two: ac']);
  });

  it('is written for sessions that are owed a reply before the events of others, in each session’s own order', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const [one, two, three] = ['one', 'two', 'three'].map((name) => outbox(name, flusher, log)) as [
      Outbox,
      Outbox,
      Outbox,
    ];
    const event = frame('event ');
    for (const session of [one, two, three]) session.push(event, false);
    three.push(frame('reply '), true);
    three.push(frame('event2'), false);
    await turns(1);
    expect(log).toEqual(['three: event reply event2', 'one: event ', 'two: event ']);
  });

  it('is shared between sessions only as far as they were sent the same', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const sessions = ['0', '1', '2', '3'].map((name) => outbox(name, flusher, log));
    const frames = ['a', 'b', 'c'].map(frame);
    // Session n is left out of frame n.
    for (const [number, shared] of frames.entries()) {
      for (const [index, session] of sessions.entries()) if (index !== number) session.push(shared, false);
    }
    await turns(1);
    expect([...log].sort()).toEqual(['0: bc', '1: ac', '2: ab', '3: abc']);
  });

  it('ends with the close, and nothing follows it', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const session = outbox('one', flusher, log);
    session.push(frame('last'), false);
    session.end({ code: 4000, reason: '' });
    session.push(frame('more'), false);
    session.end({ code: 4001, reason: '' });
    await turns(2);
    session.push(frame('more'), true);
    await turns(2);
    expect(log).toEqual(['one: last', 'one: close 4000']);
  });
});

describe('a flush of very many sessions', () => {
  it('runs in slices, between which the event loop gets its turns', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const sessions = 160;
    for (let number = 0; number < sessions; number++) flusher.schedule(slowToWrite(log, 'write', 0.1), false);
    while (log.filter((entry) => entry === 'write').length < sessions) {
      await turns(1);
      log.push('turn');
    }
    // A slice looks at the time after every 16 writes, and these take longer than one may last.
    const slices = log
      .join(' ')
      .split(' turn')
      .map((slice) => slice.trim())
      .filter((slice) => slice !== '');
    expect(slices.length).toBeGreaterThanOrEqual(sessions / 16 - 1);
    expect(Math.max(...slices.map((slice) => slice.split(' ').length))).toBeLessThanOrEqual(16);
  });

  it('looks at the time sooner when much is written', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    for (let number = 0; number < 5; number++) {
      flusher.schedule(slowToWrite(log, 'write', 1.1, 256 * 1024), false);
    }
    for (let written = 0; written < 5; ) {
      await turns(1);
      const now = log.length;
      expect(now - written).toBeLessThanOrEqual(1);
      written = now;
    }
  });

  it('lets a session that has come to owe a reply go first in the next slice', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    for (let number = 0; number < 160; number++) flusher.schedule(slowToWrite(log, 'event', 0.1), false);
    await turns(1);
    const before = log.length;
    expect(before).toBeLessThan(160);
    flusher.schedule(slowToWrite(log, 'reply', 0), true);
    while (log.length < 161) await turns(1);
    expect(log.indexOf('reply')).toBe(before);
  });

  it('takes what is queued during it into account', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const late = outbox('late', flusher, log);
    const queueing = () => {
      late.push(frame('x'), false);
      return 1;
    };
    flusher.schedule({ lane: 'none', flush: queueing }, false);
    await turns(3);
    expect(log).toEqual(['late: x']);
  });
});

describe('an outbox whose socket has closed', () => {
  it('writes nothing and lets go of what it holds', async () => {
    const log: string[] = [];
    const flusher = new Flusher(new ByteBudget(1e6));
    const transport = {
      open: true,
      write: (bytes: Buffer) => {
        log.push(String(bytes));
        return false;
      },
      close: () => {},
    };
    const session = new Outbox(transport, { maxQueuedBytes: 1000, dropped: () => {}, overflowed: () => {} }, flusher);
    session.push(frame('held'), false);
    await turns(1);
    session.push(frame('waits'), false);
    expect([flusher.budget.bytes, session.queuedBytes, flusher.budget.blocked.size]).toEqual([9, 9, 1]);
    transport.open = false;
    session.drained();
    await turns(1);
    expect(log).toEqual(['held']);
    expect([flusher.budget.bytes, session.queuedBytes, flusher.budget.blocked.size]).toEqual([0, 0, 0]);
  });
});
