import { silentLogger } from '@roomcast/engine';
import { eventually, hasTool, startRedis } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisBus, redisState } from '../src/index.js';

async function pair() {
  const server = await startRedis();
  const options = { url: server.url, maxBackOffMs: 100, logger: silentLogger };
  const [a, b] = [await createRedisBus(options), await createRedisBus(options)];
  onTestFinished(async () => {
    await Promise.all([a.close(), b.close()]);
    await server.close();
  });
  return { server, a, b };
}

describe.skipIf(!hasTool('redis-server'))('state in Redis', () => {
  it('is nothing first, then what any instance has saved last, under each name on its own', async () => {
    const { a, b } = await pair();
    expect(await redisState(a, 'counts').load()).toBeUndefined();
    await redisState(a, 'counts').save('one');
    await redisState(b, 'counts').save('two');
    await redisState(b, 'sequence').save('');
    expect(await redisState(a, 'counts').load()).toBe('two');
    expect(await redisState(a, 'sequence').load()).toBe('');
    expect(await b.get('roomcast.state.counts')).toBe('two');
  });

  it('keeps every character, and large texts', async () => {
    const { a, b } = await pair();
    const text = `\0\r\n\ufeff🚀${'é'.repeat(2_000_000)}`;
    await redisState(a, 'x').save(text);
    expect(await redisState(b, 'x').load()).toBe(text);
  });

  it('can neither be read nor written while Redis is away, and can again afterwards', async () => {
    const { server, a } = await pair();
    const state = redisState(a, 'x');
    await server.program.kill();
    await expect(state.save('x')).rejects.toMatchObject({ name: 'BusDownError' });
    await expect(state.load()).rejects.toMatchObject({ name: 'BusDownError' });
    await server.program.start();
    await eventually(() => a.status === 'up');
    await state.save('again');
    expect(await state.load()).toBe('again');
  });
});
