import { silentLogger } from '@roomcast/engine';
import { eventually, hasTool, RecordingLogger, startRedis } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisBus } from '../src/index.js';

const quick = {
  maxBackOffMs: 300,
  pingIntervalMs: 500,
  replyTimeoutMs: 2000,
  connectTimeoutMs: 4000,
  logger: silentLogger,
};

async function server(options: Parameters<typeof startRedis>[0]) {
  const started = await startRedis(options);
  onTestFinished(() => started.close());
  return started;
}

describe.skipIf(!hasTool('redis-server'))('a master with a replica and a sentinel', () => {
  it('is found by its name, and its successor when it dies', async () => {
    const master = await server({});
    const replica = await server({ args: ['--replicaof', `127.0.0.1 ${master.port}`] });
    const sentinel = await server({ sentinelOf: { main: master.port } });
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`;
    const [a, b] = [await createRedisBus({ url, ...quick }), await createRedisBus({ url, ...quick })];
    onTestFinished(async () => void (await Promise.all([a.close(), b.close()])));
    const received: string[] = [];
    await b.subscribe('t', (text) => received.push(text));
    await a.publish('t', 'before');
    await eventually(() => received.length === 1);
    await a.set('probe', 'replicated');
    const onReplica = await createRedisBus({ url: replica.url, ...quick });
    onTestFinished(() => onReplica.close());
    await eventually(async () => (await onReplica.get('probe')) === 'replicated', 'the replica');
    await master.program.kill();
    await eventually(() => a.status === 'down' && b.status === 'down');
    await eventually(() => a.status === 'up' && b.status === 'up', 'the successor', 45_000);
    await a.publish('t', 'after');
    await eventually(() => received.length === 2);
    expect(received).toEqual(['before', 'after']);
    expect(await a.get('probe')).toBe('replicated');
  });

  it('is asked for by the right name, at a sentinel that answers', async () => {
    const master = await server({});
    const sentinel = await server({ sentinelOf: { main: master.port } });
    const logger = new RecordingLogger();
    const wrong = await createRedisBus({ url: `redis+sentinel://127.0.0.1:${sentinel.port}/other`, ...quick, logger });
    onTestFinished(() => wrong.close());
    expect(wrong.status).toBe('down');
    expect(logger.text).toContain('the sentinels know no master called');
    const one = await createRedisBus({ url: `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/main`, ...quick });
    onTestFinished(() => one.close());
    expect(one.status).toBe('up');
  });
});
