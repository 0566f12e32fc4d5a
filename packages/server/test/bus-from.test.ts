import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker } from '@roomcast/engine';
import { busFrom, EnvironmentError, jwtCredentials, readEnvironment } from '@roomcast/server';
import { eventually, hasTool, RecordingLogger, startRedis } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { type SharedText, sharedState } from '../src/shared-state.js';

const secret = 'a secret of at least thirty-two bytes';

function environment(variables: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-bus-from-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return readEnvironment({ port: 0, buses: ['redis', 'nats'] }, { STATE_DIR: folder, ...variables });
}

async function refusal(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EnvironmentError);
  return (error as EnvironmentError).message;
}

const counter = z.object({ count: z.number() });

describe('the bus of the environment', () => {
  test('is none where none is named, and state is in files', async () => {
    const connections = await busFrom(environment(), { logger: new RecordingLogger() });
    expect(connections.bus).toBeUndefined();
    const store = connections.state('counter', counter);
    expect(store.isShared).toBe(false);
    await store.save({ count: 5 });
    expect(await connections.state('counter', counter).load()).toEqual({ count: 5 });
    await connections.close();
  });

  test('is the one that is given, which stays open', async () => {
    const bus = new MemoryBroker().connect();
    const connections = await busFrom(environment(), { logger: new RecordingLogger(), bus });
    expect(connections.bus).toBe(bus);
    await connections.close();
    expect(bus.status).toBe('up');
  });

  test.each([
    ['REDIS_URL', 'redis+cluster://host/5'],
    ['REDIS_URL', 'redis+sentinel://user:hush-hush@host'],
    ['NATS_URL', 'nats://user:hush-hush@host:port'],
  ])('is refused with one line that tells no secret: %s %s', async (variable, url) => {
    const message = await refusal(busFrom(environment({ [variable]: url }), { logger: new RecordingLogger() }));
    expect(message).toMatch(new RegExp(`^${variable}: expected `));
    expect(message).not.toContain('\n');
    expect(message).not.toContain('hush');
  });

  test.skipIf(!hasTool('redis-server'))('that refuses the password is one line that tells no secret', async () => {
    const redis = await startRedis({ password: 'right' });
    onTestFinished(() => redis.close());
    const env = environment({ REDIS_URL: `redis://:hush-hush@127.0.0.1:${redis.port}` });
    const message = await refusal(busFrom(env, { logger: new RecordingLogger() }));
    expect(message).toBe(`REDIS_URL: Redis at 127.0.0.1:${redis.port} refuses the user name or the password`);
  });

  test('may be waited for: a broker that is not there is no reason not to start', async () => {
    const logger = new RecordingLogger();
    const connections = await busFrom(environment({ REDIS_URL: 'redis://127.0.0.1:1' }), { logger });
    expect(connections.bus?.status).toBe('down');
    const store = connections.state('counter', counter);
    expect(store.isShared).toBe(true);
    expect(await store.load()).toBeUndefined();
    await connections.close();
  });

  test('needs a key that all instances have, in a demonstration too', async () => {
    const env = environment({ DEMO: '1', NATS_URL: 'nats://127.0.0.1:1' });
    expect(await refusal(jwtCredentials(env))).toMatch(/^JWT_SECRET: expected at least 32 bytes beside NATS_URL/);
    expect((await jwtCredentials({ ...env, JWT_SECRET: secret })).issue).toBeDefined();
  });

  test.skipIf(!hasTool('redis-server'))('is Redis, where state is for all instances', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const open = async () => {
      const connections = await busFrom(environment({ REDIS_URL: redis.url }), { logger: new RecordingLogger() });
      onTestFinished(() => connections.close());
      await eventually(() => connections.bus?.status === 'up', 'Redis');
      return connections;
    };
    const [one, other] = [await open(), await open()];
    const store = one.state('counter', counter);
    expect(await store.load()).toBeUndefined();
    await store.save({ count: 7 });
    expect(await other.state('counter', counter).load()).toEqual({ count: 7 });
  });
});

describe('state of all instances', () => {
  function setUp(text?: string) {
    const logger = new RecordingLogger();
    const saved: string[] = [];
    const text_: SharedText & { isDown: boolean } = {
      isDown: false,
      load: async () => {
        if (text_.isDown) throw new Error('down');
        return saved.at(-1) ?? text;
      },
      save: async (value) => {
        if (text_.isDown) throw new Error('down');
        saved.push(value);
      },
    };
    return { logger, saved, store: text_, state: sharedState(text_, 'counter', counter, logger) };
  }

  test('is loaded and saved, and saved again only when it is another', async () => {
    const { state, saved } = setUp('{"count":1}');
    expect(await state.load()).toEqual({ count: 1 });
    for (const count of [2, 2, 3]) await state.save({ count });
    expect(saved).toEqual(['{"count":2}', '{"count":3}']);
  });

  test.each(['{', '{"count":"1"}'])('that is %s is left alone with a warning', async (text) => {
    const { state, logger } = setUp(text);
    expect(await state.load()).toBeUndefined();
    expect(logger.lines).toMatchObject([{ level: 'warn' }]);
  });

  test('that could not be had at the start is not overwritten, but comes late', async () => {
    const { state, store, saved, logger } = setUp('{"count":1}');
    const late: unknown[] = [];
    state.onLate((value) => late.push(value));
    store.isDown = true;
    expect(await state.load()).toBeUndefined();
    expect(logger.lines).toMatchObject([{ level: 'warn' }]);
    await expect(state.save({ count: 0 })).rejects.toThrow('down');
    store.isDown = false;
    await state.save({ count: 0 });
    expect([late, saved]).toEqual([[{ count: 1 }], []]);
    await state.save({ count: 1 });
    expect(saved).toEqual(['{"count":1}']);
  });

  test('that is missing when it can be had at last is saved with the next save', async () => {
    const { state, store, saved } = setUp();
    store.isDown = true;
    await state.load();
    store.isDown = false;
    await state.save({ count: 0 });
    await state.save({ count: 0 });
    expect(saved).toEqual(['{"count":0}']);
  });
});
