import { ManualClock } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createEngine,
  type EngineOptions,
  EngineOptionsError,
  engineDefaults,
  type SessionLimits,
  sessionDefaults,
  silentLogger,
} from '../src/index.js';
import { mountRaw, type RawServerOptions } from './support/raw-wire.js';

function engine(options: EngineOptions = {}) {
  const made = createEngine({ logger: silentLogger, clock: new ManualClock(), ...options });
  onTestFinished(() => made.close());
  return made;
}

/** What no number option takes, in the disguise of a number. */
const nonsense: unknown[] = [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, true, {}];
const fractions: unknown[] = [0.5, 1.5];
const beyondTimers = [2 ** 31];

function refusalOf(make: () => unknown): EngineOptionsError {
  try {
    make();
  } catch (error) {
    if (error instanceof EngineOptionsError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('an option of the engine', () => {
  it.each<[keyof EngineOptions, unknown[]]>([
    ['maxConnections', [0, ...fractions]],
    ['maxConnectionsPerIp', [0, ...fractions]],
    ['maxConnectsPerIpPerMinute', [0, ...fractions]],
    ['maxQueuedBytesTotal', [0, ...fractions]],
    ['sweepIntervalMs', [0, ...fractions, ...beyondTimers]],
    ['drainMs', [0]],
    ['topicLingerMs', [...fractions, ...beyondTimers]],
    ['trustProxy', fractions],
  ])('%s is refused by its name where its value makes no sense', (option, more) => {
    for (const value of [...nonsense, ...more]) {
      const error = refusalOf(() => engine({ [option]: value } as EngineOptions));
      expect(error.option).toBe(option);
      expect(error.message).toContain(`${option}: expected `);
      expect(error.message).toContain(String(value));
    }
  });

  it('that is not given, or given as undefined, has its default', () => {
    const { logger, clock, ...numbers } = engineDefaults;
    expect(engine({ maxConnections: undefined as never }).options).toMatchObject(numbers);
    expect(numbers).toEqual({
      maxConnections: 20_000,
      maxConnectionsPerIp: 1000,
      maxConnectsPerIpPerMinute: 600,
      maxQueuedBytesTotal: 268_435_456,
      trustProxy: 0,
      sweepIntervalMs: 1000,
      drainMs: 10_000,
      topicLingerMs: 15_000,
    });
    expect(Object.isFrozen(engineDefaults)).toBe(true);
    expect([typeof logger.warn, typeof clock.now]).toEqual(['function', 'function']);
  });

  it('that is given is taken', () => {
    expect(engine({ maxConnections: 7, topicLingerMs: 0, trustProxy: 2 }).options).toMatchObject({
      maxConnections: 7,
      topicLingerMs: 0,
      trustProxy: 2,
    });
  });
});

describe('a limit of a mount', () => {
  it.each<[keyof SessionLimits, unknown[]]>([
    ['maxFrameBytes', [0, ...fractions, 2 ** 31]],
    ['maxFragments', [0, ...fractions, 2 ** 31]],
    ['maxMessages', fractions],
    ['messageWindowMs', [0]],
    ['maxPendingMessages', [0, ...fractions]],
    ['maxRooms', [0, ...fractions]],
    ['maxQueuedBytes', [0, ...fractions]],
    ['maxConnectionsPerIdentity', [0, ...fractions]],
    ['idleTimeoutMs', []],
    ['pingIntervalMs', []],
  ])('%s is refused by its name where its value makes no sense', (option, more) => {
    const target = engine();
    for (const value of [...nonsense, ...more]) {
      expect(refusalOf(() => mountRaw(target, { [option]: value } as RawServerOptions)).option).toBe(option);
    }
    expect(target.mounts.size).toBe(0);
  });

  it.each<[option: string, value: unknown]>([
    ['whenTooMany', 'close-newest'],
    ['whenTooMany', null],
    ['origins', 'https://example.com'],
    ['origins', ['*']],
    ['origins', ['https://example.com/']],
    ['origins', ['https://example.com/path']],
    ['origins', ['example.com']],
    ['origins', ['https://*.example.com']],
    ['origins', ['HTTPS://EXAMPLE.COM']],
    ['origins', ['https://ada@example.com']],
    ['origins', ['']],
    ['origins', [5]],
    ['origins', null],
    ['name', ''],
    ['name', 'two words'],
    ['name', 'red.news'],
    ['name', '*'],
    ['paths', []],
    ['paths', 'raw'],
    ['paths', ['/raw', '']],
    ['paths', '/raw?version=1'],
    ['paths', '/raw#top'],
    ['paths', '/raw room'],
  ])('%s is refused by its name when it is %j', (option, value) => {
    const target = engine();
    const error = refusalOf(() => mountRaw(target, { [option]: value } as RawServerOptions));
    expect(error.option).toBe(option);
    expect(target.mounts.size).toBe(0);
  });

  it('may be any origin that a browser sends', () => {
    const origins = [
      'same-host',
      'null',
      'https://example.com',
      'http://localhost:5173',
      'http://[::1]:4000',
      'chrome-extension://abc',
    ];
    expect(mountRaw(engine(), { origins }).limits.origins).toEqual(origins);
    expect(mountRaw(engine(), { origins: [] }).limits.origins).toEqual([]);
    expect(mountRaw(engine(), { origins: '*' }).limits.origins).toBe('*');
  });

  it('that is not given has its default', () => {
    const { limits } = mountRaw(engine(), { pingIntervalMs: undefined as never });
    expect(limits).toMatchObject(sessionDefaults);
    expect(sessionDefaults).toEqual({
      maxFrameBytes: 65_536,
      maxFragments: 1024,
      maxMessages: 50,
      messageWindowMs: 1000,
      maxPendingMessages: 64,
      maxRooms: 200,
      maxQueuedBytes: 1_048_576,
      maxConnectionsPerIdentity: 100,
      whenTooMany: 'refuse',
      idleTimeoutMs: 0,
      pingIntervalMs: 30_000,
      origins: ['same-host'],
    });
    expect(Object.isFrozen(sessionDefaults)).toBe(true);
  });
});
