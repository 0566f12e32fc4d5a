import { eventually, ManualClock, RecordingLogger } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R2z2Feed, type R2z2Options } from '../src/upstream/r2z2.js';
import { breakOff, hang, R2z2Server, status } from './support/r2z2-server.js';
import { unreachable } from './support/unreachable.js';

const userAgent = 'killmails-server-test';

interface Running {
  feed: R2z2Feed;
  server: R2z2Server;
  clock: ManualClock;
  logger: RecordingLogger;
  /** The numbers of what was taken, in order. */
  taken: number[];
  /** What was told to be published, in order. */
  published: number[];
}

/** A feed on a server that has files 1, 2, 3 … with bodies {n: 1}, {n: 2}, {n: 3} …, and nothing started. */
async function feedOf(files: number[], options: Partial<R2z2Options> = {}): Promise<Running> {
  const server = await new R2z2Server().start();
  for (const file of files) server.put(file, JSON.stringify({ n: file }));
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const taken: number[] = [];
  const published: number[] = [];
  const feed = new R2z2Feed({
    url: `${server.url}/`,
    userAgent,
    clock,
    logger,
    random: () => 0.5,
    position: () => published.at(-1),
    take(body) {
      taken.push((body as { n: number }).n);
      return Promise.resolve(undefined);
    },
    published: (sequence) => published.push(sequence),
    ...options,
  });
  onTestFinished(() => feed.stop());
  return { feed, server, clock, logger, taken, published };
}

/** Lets the pauses between requests pass until something holds; longer ones only where `stepMs` says so. */
async function until({ clock }: Pick<Running, 'clock'>, what: string, holds: () => boolean, stepMs = 75) {
  await eventually(async () => {
    if (!holds()) await clock.advance(stepMs);
    return holds();
  }, what);
}

describe('following', () => {
  test('begins where sequence.json says and takes every killmail in order', async () => {
    const run = await feedOf([41, 42, 43, 44]);
    run.server.sequence(42);
    run.feed.start();
    await until(run, 'three killmails', () => run.published.length === 3);
    expect(run.taken).toEqual([42, 43, 44]);
    expect(run.published).toEqual([42, 43, 44]);
    expect(run.server.asked.slice(0, 4)).toEqual(['sequence', '42', '43', '44']);
    expect(run.feed.status).toMatchObject({ source: 'r2z2', sequence: 44 });
  });

  test('reads again what it is told to, once each and whatever is left of it, and says nothing of it', async () => {
    const run = await feedOf([2, 4, 5, 6, 7], { position: () => 5, again: () => 4 });
    run.server.put(4, status(429), JSON.stringify({ n: 4 }));
    run.feed.start();
    await until(run, 'what is new', () => run.published.length === 2, 10_000);
    expect(run.taken).toEqual([2, 4, 5, 6, 7]);
    expect(run.published).toEqual([6, 7]);
    expect(run.server.asked.slice(0, 7)).toEqual(['2', '3', '4', '4', '5', '6', '7']);
  });

  test('says who asks, in every request', async () => {
    const run = await feedOf([7]);
    run.server.sequence(7);
    run.feed.start();
    await until(run, 'a killmail', () => run.published.length === 1);
    expect(run.server.requests.map(({ headers }) => headers['user-agent'])).toEqual(
      run.server.requests.map(() => userAgent),
    );
  });

  test('goes on after the last killmail of an earlier process', async () => {
    const run = await feedOf([10, 11, 12], { position: () => 10 });
    run.feed.start();
    await until(run, 'two killmails', () => run.published.length === 2);
    expect(run.server.asked.slice(0, 2)).toEqual(['11', '12']);
  });

  test('goes on where it was when it is stopped and started again', async () => {
    const run = await feedOf([1, 2, 3]);
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the first killmail', () => run.published.length === 1);
    await run.feed.stop();
    expect(run.feed.status.state).toBe('stopped');
    const before = run.server.asked.length;
    run.feed.start();
    await until(run, 'all killmails', () => run.published.length === 3);
    expect(run.published).toEqual([1, 2, 3]);
    expect(run.server.asked[before]).toBe('2');
  });

  test('asks less than fifteen times in any second', async () => {
    const files = Array.from({ length: 40 }, (_, index) => index + 1);
    const times: number[] = [];
    const run = await feedOf(files, {
      take() {
        times.push(run.clock.now());
        return Promise.resolve(undefined);
      },
    });
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'all killmails', () => run.published.length === files.length, 15);
    for (const [index, time] of times.entries()) {
      const later = times[index + 14];
      if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(1000);
    }
  });

  test('tells a place only once its killmail was taken', async () => {
    let release = () => {};
    const run = await feedOf([5], {
      take: () =>
        new Promise((resolve) => {
          release = () => resolve(undefined);
        }),
    });
    run.server.sequence(5);
    run.feed.start();
    await until(run, 'a killmail under way', () => run.server.asked.includes('5'));
    await run.clock.advance(1000);
    expect(run.published).toEqual([]);
    await eventually(async () => {
      release();
      await run.clock.advance(0);
      return run.published.length === 1;
    }, 'the place');
  });
});

describe('when there is nothing new', () => {
  test('waits six seconds after a 404 and takes what came meanwhile', async () => {
    const run = await feedOf([1]);
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the end', () => run.feed.status.state === 'caught up');
    expect(run.server.asked).toEqual(['sequence', '1', '2']);
    run.server.put(2, '{"n":2}');
    await run.clock.advance(5999);
    expect(run.server.asked).toHaveLength(3);
    await run.clock.advance(1);
    await until(run, 'the next killmail', () => run.published.length === 2);
  });

  test('asks sequence.json after ten 404s and skips a file that is missing for good', async () => {
    const run = await feedOf([1, 3, 4]);
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the gap', () => run.feed.status.state === 'caught up');
    run.server.sequence(4);
    await until(run, 'the killmails behind the gap', () => run.published.length === 3, 6000);
    expect(run.published).toEqual([1, 3, 4]);
    expect(run.server.asked.filter((file) => file === '2')).toHaveLength(10);
    expect(run.logger.lines).toMatchObject([{ level: 'warn', fields: { sequence: 2, pointer: 4 } }]);
  });

  test('goes to sequence.json over a long gap', async () => {
    const run = await feedOf([900, 901], { position: () => 100 });
    run.server.sequence(900);
    run.feed.start();
    await until(run, 'the killmails behind the gap', () => run.published.length === 2, 6000);
    expect(run.published).toEqual([900, 901]);
    expect(run.server.asked.slice(10, 14)).toEqual(['sequence', '102', '900', '901']);
  });

  test('begins again where a feed that was set back is', async () => {
    const run = await feedOf([5, 6], { position: () => 1000 });
    run.server.sequence(5);
    run.feed.start();
    await until(run, 'the killmails of the new feed', () => run.published.length === 2, 6000);
    expect(run.published).toEqual([5, 6]);
  });

  test('reads nothing twice for a sequence.json that is merely late', async () => {
    const run = await feedOf([1, 2, 3]);
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the end', () => run.feed.status.state === 'caught up');
    const resyncs = () => run.server.asked.filter((file) => file === 'sequence').length;
    await until(run, 'three more looks at sequence.json', () => resyncs() === 4, 6000);
    expect(run.published).toEqual([1, 2, 3]);
  });
});

describe('when the server is not well', () => {
  test('backs off 10 to 20 s after a 429', async () => {
    const run = await feedOf([1]);
    run.server.sequence(1);
    run.server.put(1, status(429), '{"n":1}');
    run.feed.start();
    await until(run, 'the refusal', () => run.feed.status.state === 'throttled');
    await run.clock.advance(14_999);
    expect(run.server.asked).toEqual(['sequence', '1']);
    await run.clock.advance(1);
    await until(run, 'the killmail', () => run.published.length === 1);
  });

  test.each([
    ['seconds', () => '120'],
    ['a date', (now: number) => new Date(now + 120_000).toUTCString()],
  ])('waits as long as Retry-After says in %s', async (_, retryAfter) => {
    const run = await feedOf([1]);
    run.server.sequence(1);
    run.server.put(1, status(429, { 'Retry-After': retryAfter(run.clock.now()) }), '{"n":1}');
    run.feed.start();
    await until(run, 'the refusal', () => run.feed.status.state === 'throttled');
    await run.clock.advance(118_000);
    expect(run.server.asked).toHaveLength(2);
    await run.clock.advance(2000);
    await until(run, 'the killmail', () => run.published.length === 1);
  });

  test('survives errors, broken connections and a server that is gone', async () => {
    const run = await feedOf([1, 2]);
    run.server.put('sequence', status(503), '{"sequence":1}');
    run.server.put(1, status(500), breakOff, '{"n":1}');
    run.feed.start();
    await until(run, 'both killmails', () => run.published.length === 2, 1000);
    expect(run.taken).toEqual([1, 2]);
    expect(run.logger.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn']);
  });

  test('a server that cannot be reached is asked less and less often', async () => {
    const run = await feedOf([], { url: await unreachable() });
    run.feed.start();
    const failures = () => run.logger.lines.length;
    const times: number[] = [];
    await until(
      run,
      'eight failures',
      () => {
        if (failures() > times.length) times.push(run.clock.now());
        return failures() >= 8;
      },
      250,
    );
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    expect(gaps.at(-1)).toBeGreaterThan((gaps[0] as number) * 8);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(61_000);
  });

  test('gives a request up that takes too long', async () => {
    const run = await feedOf([1], { timeoutMs: 15_000 });
    run.server.sequence(1);
    run.server.put(1, hang, '{"n":1}');
    run.feed.start();
    await until(run, 'the request', () => run.server.asked.length === 2);
    await run.clock.advance(14_900);
    expect(run.feed.status.state).toBe('reading');
    await until(run, 'the killmail', () => run.published.length === 1, 1000);
    expect(run.logger.lines).toMatchObject([{ fields: { reason: 'no answer within 15000 ms' } }]);
  });

  test('stops at once while a request hangs', async () => {
    const run = await feedOf([1]);
    run.server.sequence(1);
    run.server.put(1, hang);
    run.feed.start();
    await until(run, 'the request', () => run.server.asked.length === 2);
    await run.feed.stop();
    expect(run.feed.status.state).toBe('stopped');
    expect(run.clock.pending).toBe(0);
  });

  test('stops at once while it waits', async () => {
    const run = await feedOf([]);
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the wait', () => run.feed.status.state === 'caught up');
    await run.feed.stop();
    expect(run.clock.pending).toBe(0);
  });

  test('gives up a single file that fails again and again', async () => {
    const run = await feedOf([3], { position: () => 1 });
    run.server.sequence(3);
    run.server.put(2, status(500));
    run.feed.start();
    await until(run, 'the file after it', () => run.published.length === 1, 5000);
    expect(run.published).toEqual([3]);
    expect(run.server.asked.filter((file) => file === '2')).toHaveLength(10);
  });

  test('skips nothing while every file fails', async () => {
    const run = await feedOf([], { position: () => 1 });
    run.server.sequence(3);
    const failures = (count: number) => Array.from({ length: count }, () => status(500));
    run.server.put(2, ...failures(14), '{"n":2}');
    run.server.put(3, ...failures(1), '{"n":3}');
    run.feed.start();
    await until(run, 'both killmails', () => run.published.length === 2, 10_000);
    expect(run.published).toEqual([2, 3]);
  });
});

describe('bodies that are no killmail', () => {
  test.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['cut off', '{"n":'],
  ])('%s is asked for three times more, then skipped with a warning', async (_, body) => {
    const run = await feedOf([1, 3]);
    run.server.sequence(1);
    run.server.put(2, body);
    run.feed.start();
    await until(run, 'the killmail behind it', () => run.published.length === 2, 2000);
    expect(run.published).toEqual([1, 3]);
    expect(run.server.asked.filter((file) => file === '2')).toHaveLength(4);
    expect(run.logger.lines).toMatchObject([{ level: 'warn', fields: { sequence: 2 } }]);
  });

  test('one that was being written is taken when it is whole', async () => {
    const run = await feedOf([1]);
    run.server.sequence(1);
    run.server.put(1, '{"n"', '{"n":1}');
    run.feed.start();
    await until(run, 'the killmail', () => run.published.length === 1, 2000);
    expect(run.logger.lines).toEqual([]);
  });

  test('one that is refused is skipped, with the reason', async () => {
    const run = await feedOf([1, 2], {
      take: (body) => Promise.resolve((body as { n: number }).n === 1 ? 'esi.victim: expected an object' : undefined),
    });
    run.server.sequence(1);
    run.feed.start();
    await until(run, 'the killmail behind it', () => run.published.length === 1, 2000);
    expect(run.published).toEqual([2]);
    expect(run.logger.text).toContain('esi.victim');
  });

  test('one that is too large is not read to its end', async () => {
    let written = 0;
    const run = await feedOf([2], { maxBytes: 100_000 });
    run.server.sequence(1);
    run.server.put(1, (response) => {
      const more = () => {
        written += 10_000;
        if (!response.destroyed) response.write('x'.repeat(10_000), () => setImmediate(more));
      };
      more();
    });
    run.feed.start();
    await until(run, 'the killmail behind it', () => run.published.length === 1, 2000);
    expect(run.logger.lines).toMatchObject([{ fields: { sequence: 1, reason: 'too large' } }]);
    expect(written).toBeGreaterThan(100_000);
  });

  test.each(['[]', '{}', '{"sequence":"7"}', '{"sequence":-1}', 'x'])(
    'sequence.json with %s is asked again',
    async (text) => {
      const run = await feedOf([3]);
      run.server.put('sequence', text, '{"sequence":3}');
      run.feed.start();
      await until(run, 'the killmail', () => run.published.length === 1, 1000);
      expect(run.server.asked.slice(0, 3)).toEqual(['sequence', 'sequence', '3']);
    },
  );
});
