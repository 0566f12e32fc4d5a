import { eventually, hasTool, RecordingLogger, startRedis } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLimiter } from '../src/limiter.js';

const options = { keyPrefix: 'attempts', points: 2, duration: 60 };

describe.skipIf(!hasTool('redis-server'))('attempts to connect, where the bus is Redis', () => {
  it('are counted there for all instances, and by each while it does not answer', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const logger = new RecordingLogger();
    const limiters = [1, 2].map(() => openLimiter({ REDIS_URL: redis.url }, logger));
    onTestFinished(() => {
      for (const limiter of limiters) limiter.close();
    });
    const [one, other] = limiters.map(({ factory }) => factory?.(options));
    let attempt = 0;
    await eventually(async () => {
      // Until Redis answers each counts for itself.
      const key = `ready-${++attempt}`;
      await one?.consume(key);
      return (await other?.get(key))?.consumedPoints === 1;
    }, 'Redis');
    await one?.consume('192.0.2.1');
    await other?.consume('192.0.2.1');
    await expect(one?.consume('192.0.2.1')).rejects.toMatchObject({ consumedPoints: 3 });
    await other?.block('192.0.2.2', 30);
    await expect(one?.consume('192.0.2.2')).rejects.toMatchObject({ remainingPoints: 0 });
    await redis.program.pause();
    const waiting = Promise.allSettled(Array.from({ length: 1000 }, () => one?.consume('192.0.2.4')));
    expect(await one?.consume('192.0.2.5')).toMatchObject({ consumedPoints: 1 });
    redis.program.resume();
    await waiting;
    expect(await one?.get('192.0.2.5')).toBeNull();
    await redis.program.stop();
    await one?.consume('192.0.2.3');
    await eventually(() => logger.text.includes('counted here, not in Redis'), 'the line in the log');
  });
});

describe('attempts to connect, with another bus', () => {
  it.each([undefined, 'redis+cluster://10.0.0.1:7000,10.0.0.2:7000', 'redis+sentinel://10.0.0.1/master'])(
    'are counted by each instance: %s',
    (REDIS_URL) => {
      expect(openLimiter({ REDIS_URL }, new RecordingLogger()).factory).toBeUndefined();
    },
  );
});
