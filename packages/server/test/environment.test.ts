import { createEngine, type SessionLimits, sessionDefaults, silentLogger } from '@roomcast/engine';
import {
  EnvironmentError,
  engineOptions,
  readEnvironment,
  secretsOf,
  sessionLimits,
  variables,
} from '@roomcast/server';
import { describe, expect, test } from 'vitest';
import { chatGateway } from './support/chat.js';

type Source = Record<string, string | undefined>;

const killmails = {
  port: 4004,
  variables: {
    KILLMAILS_TOKENS: variables.tokens().optional(),
    KILLMAILS_UPSTREAM: variables.choice('r2z2', 'demo', 'none').default('none'),
    R2Z2_URL: variables.url('https', 'http').default('https://r2z2.zkillboard.com'),
    KILLMAILS_ANONYMOUS: variables.flag().default(false),
    MAX_SYSTEMS: variables.integer({ min: 1 }).default(100),
  },
  requiredUnlessDemo: ['KILLMAILS_TOKENS'],
} as const;

function problemOf(source: Source, options: Parameters<typeof readEnvironment>[0] = { port: 1 }): string {
  try {
    readEnvironment(options, source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    const { message } = error as EnvironmentError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('expected an EnvironmentError');
}

describe('reading', () => {
  test('an empty environment gives the documented defaults', () => {
    expect(readEnvironment({ port: 8080 }, {})).toEqual({
      HOST: '127.0.0.1',
      PORT: 8080,
      ALLOWED_ORIGINS: ['same-host'],
      DEMO: false,
      STATE_DIR: '.roomcast',
      LOG_LEVEL: 'info',
      DRAIN_MS: 10_000,
      TRUST_PROXY: 0,
    });
  });

  test('an empty variable counts as unset', () => {
    expect(readEnvironment({ port: 8080 }, { PORT: '', PUBLISH_TOKEN: '' }).PORT).toBe(8080);
    expect(problemOf({ KILLMAILS_TOKENS: '' }, killmails)).toMatch(/^KILLMAILS_TOKENS: /);
  });

  test('a service has its own variables, typed and with defaults', () => {
    const env = readEnvironment(killmails, { KILLMAILS_TOKENS: 'token-number-1, token-number-2', MAX_SYSTEMS: '7' });
    const [systems, anonymous]: [number, boolean] = [env.MAX_SYSTEMS, env.KILLMAILS_ANONYMOUS];
    expect([systems, anonymous]).toEqual([7, false]);
    expect(env.KILLMAILS_TOKENS).toEqual(['token-number-1', 'token-number-2']);
    expect(env.KILLMAILS_UPSTREAM).toBe('none');
    expect(env.PORT).toBe(4004);
  });

  test('DEMO=1 takes the place of credentials', () => {
    expect(readEnvironment(killmails, { DEMO: '1' }).DEMO).toBe(true);
    expect(readEnvironment({ port: 1, jwt: true }, { DEMO: '1' }).JWT_SECRET).toBeUndefined();
  });

  test('a PEM may be written on one line', () => {
    const folded = '-----BEGIN PUBLIC KEY-----\\nabc\\n-----END PUBLIC KEY-----';
    expect(readEnvironment({ port: 1 }, { JWT_PUBLIC_KEY: folded }).JWT_PUBLIC_KEY).toBe(
      folded.replaceAll('\\n', '\n'),
    );
  });

  test.each<[string, unknown]>([
    ['*', '*'],
    ['https://example.com', ['https://example.com']],
    ['https://example.com, http://localhost:4000', ['https://example.com', 'http://localhost:4000']],
    ['same-host,capacitor://localhost', ['same-host', 'capacitor://localhost']],
  ])('ALLOWED_ORIGINS %s', (given, expected) => {
    expect(readEnvironment({ port: 1 }, { ALLOWED_ORIGINS: given }).ALLOWED_ORIGINS).toEqual(expected);
  });
});

describe('a value that can not be used is one line with the name of its variable', () => {
  test.each<[Source, string]>([
    [{ PORT: '70000' }, 'PORT: expected a whole number from 0 to 65535, got "70000"'],
    [{ PORT: '80x' }, 'PORT: expected a whole number from 0 to 65535, got "80x"'],
    [{ PORT: '1\n2' }, 'PORT: expected a whole number from 0 to 65535, got "1\\n2"'],
    [{ MAX_CONNECTIONS: '0' }, 'MAX_CONNECTIONS: expected a whole number, 1 or more, got "0"'],
    [{ MAX_FRAME_BYTES: '-1' }, 'MAX_FRAME_BYTES: expected a whole number, 1 or more, got "-1"'],
    [{ DRAIN_MS: '99999999999' }, 'DRAIN_MS: expected a whole number from 1 to 2147483647, got "99999999999"'],
    [{ DEMO: 'yes' }, 'DEMO: expected 1 or 0, got "yes"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"'],
    [{ JWT_SECRET: 'x'.repeat(31) }, 'JWT_SECRET: expected at least 32 bytes, got 31 bytes'],
    [
      { ALLOWED_ORIGINS: 'https://example.com/' },
      'ALLOWED_ORIGINS: expected exact origins between commas (https://example.com), or * alone, got "https://example.com/"',
    ],
    [
      { REDIS_URL: 'http://host' },
      'REDIS_URL: expected a URL that begins with redis:// or rediss:// or redis+cluster:// or rediss+cluster:// or redis+sentinel:// or rediss+sentinel://, got something else of 11 bytes',
    ],
  ])('%o', (source, message) => {
    expect(problemOf(source)).toBe(message);
  });

  test.each([
    'https://example.com,*',
    'example.com',
    'https://*.example.com',
    'HTTPS://Example.com',
    'https://a b',
    ',',
  ])('ALLOWED_ORIGINS %s', (given) => {
    expect(problemOf({ ALLOWED_ORIGINS: given })).toMatch(/^ALLOWED_ORIGINS: expected exact origins/);
  });

  test.each<[Source, string]>([
    [{ TLS_CERT_FILE: 'cert.pem' }, 'TLS_KEY_FILE: expected a value beside TLS_CERT_FILE, got nothing'],
    [{ TLS_KEY_FILE: 'key.pem' }, 'TLS_CERT_FILE: expected a value beside TLS_KEY_FILE, got nothing'],
    [{ DIRECTORY_FILE: 'a', DIRECTORY_URL: 'http://b' }, 'DIRECTORY_URL: expected to be unset beside DIRECTORY_FILE'],
    [{ JWT_SECRET: 'x'.repeat(32), JWKS_URL: 'https://host/keys' }, 'JWKS_URL: expected to be unset beside JWT_SECRET'],
    [
      { MAX_MESSAGES_PER_SECOND: '1', MAX_MESSAGES_PER_MINUTE: '1' },
      'MAX_MESSAGES_PER_MINUTE: expected to be unset beside MAX_MESSAGES_PER_SECOND',
    ],
  ])('together: %o', (source, message) => {
    expect(problemOf(source)).toBe(message);
  });

  test('credentials are asked for', () => {
    expect(problemOf({}, { port: 1, jwt: true })).toBe(
      'JWT_SECRET: expected at least 32 bytes (or JWKS_URL or JWT_PUBLIC_KEY, or DEMO=1 for a demonstration), got nothing',
    );
    expect(problemOf({ DEMO: '0' }, killmails)).toBe(
      'KILLMAILS_TOKENS: expected a value (or DEMO=1 for a demonstration), got nothing',
    );
  });

  test('a broker that the program can not connect to is refused, not ignored', () => {
    const message = 'expected to be unset: this server can run as a single instance only';
    expect(problemOf({ REDIS_URL: 'redis://host' })).toBe(`REDIS_URL: ${message}`);
    expect(problemOf({ NATS_URL: 'nats://host' }, { port: 1, buses: ['redis'] })).toBe(`NATS_URL: ${message}`);
    expect(readEnvironment({ port: 1, buses: ['redis'] }, { REDIS_URL: 'redis://host' }).REDIS_URL).toBe(
      'redis://host',
    );
  });

  test('several are named together', () => {
    expect(problemOf({ PORT: 'x', DEMO: 'x' })).toMatch(/^PORT: .*; DEMO: /);
  });

  test.each([
    { JWT_SECRET: 'hunter2' },
    { PUBLISH_TOKEN: 'hunter2' },
    { ADMIN_TOKEN: 'hunter2 hunter2' },
    { KILLMAILS_TOKENS: 'long-enough-1,hunter2' },
    { REDIS_URL: 'http://user:hunter2@host' },
    { NATS_URL: 'hunter2' },
    { DIRECTORY_URL: 'ftp://user:hunter2@host' },
    { JWT_PUBLIC_KEY: 'hunter2' },
    { JWKS_URL: 'hunter2' },
  ])('a secret is never shown: %o', (source: Source) => {
    expect(problemOf({ DEMO: '1', ...source }, killmails)).not.toContain('hunter2');
  });
});

test('the secrets of an environment are its tokens, keys and the passwords in URLs', () => {
  const source = {
    JWT_SECRET: 'x'.repeat(32),
    PUBLISH_TOKEN: 'publish-token',
    KILLMAILS_TOKENS: 'token-number-1,token-number-2',
    DIRECTORY_URL: 'https://user:pass%2Fword@host/',
    STATE_DIR: 'somewhere',
  };
  expect(new Set(secretsOf(readEnvironment(killmails, source)))).toEqual(
    new Set(['x'.repeat(32), 'publish-token', 'token-number-1', 'token-number-2', 'pass%2Fword', 'pass/word']),
  );
});

test.each([
  ['redis+cluster://user:hush%25@one:1,two:2', ['hush%25', 'hush%']],
  ['redis://:hush@one', ['hush']],
  ['redis://one:6379/2', []],
  ['nats://token-of-mine@one,two', ['token-of-mine']],
  ['nats://user:100%@one', ['100%']],
])('the secrets of %s are %j', (url, secrets) => {
  const variable = url.startsWith('nats') ? 'NATS_URL' : 'REDIS_URL';
  const env = readEnvironment({ port: 1, buses: ['redis', 'nats'] }, { [variable]: url });
  expect(new Set(secretsOf(env))).toEqual(new Set(secrets));
});

describe('limits', () => {
  test('unset ones leave the defaults of engine and gateway alone', () => {
    const env = readEnvironment({ port: 1 }, {});
    expect(engineOptions(env)).toEqual({ trustProxy: 0, drainMs: 10_000 });
    const contract: SessionLimits = { maxRooms: 100, pingIntervalMs: 0, ...sessionLimits(env) };
    expect(contract).toEqual({ maxRooms: 100, pingIntervalMs: 0, origins: ['same-host'] });
  });

  test('set ones reach the engine and its mounts', async () => {
    const env = readEnvironment(
      { port: 1 },
      {
        MAX_CONNECTIONS: '1',
        MAX_CONNECTIONS_PER_IP: '2',
        MAX_CONNECTS_PER_IP_PER_MINUTE: '3',
        MAX_QUEUED_BYTES_TOTAL: '4',
        TRUST_PROXY: '5',
        DRAIN_MS: '6',
        MAX_FRAME_BYTES: '7',
        MAX_MESSAGES_PER_MINUTE: '8',
        MAX_ROOMS_PER_CONNECTION: '9',
        MAX_QUEUED_BYTES: '10',
        MAX_CONNECTIONS_PER_IDENTITY: '11',
        IDLE_TIMEOUT_MS: '12',
        PING_INTERVAL_MS: '0',
        ALLOWED_ORIGINS: '*',
      },
    );
    const engine = createEngine({ ...engineOptions(env), logger: silentLogger });
    const { mount } = chatGateway(engine, sessionLimits(env));
    expect(engine.options).toMatchObject({
      maxConnections: 1,
      maxConnectionsPerIp: 2,
      maxConnectsPerIpPerMinute: 3,
      maxQueuedBytesTotal: 4,
      trustProxy: 5,
      drainMs: 6,
    });
    expect(mount.limits).toMatchObject({
      ...sessionDefaults,
      maxFrameBytes: 7,
      maxMessages: 8,
      messageWindowMs: 60_000,
      maxRooms: 9,
      maxQueuedBytes: 10,
      maxConnectionsPerIdentity: 11,
      idleTimeoutMs: 12,
      pingIntervalMs: 0,
      origins: '*',
    });
    await engine.close();
    const perSecond = sessionLimits(readEnvironment({ port: 1 }, { MAX_MESSAGES_PER_SECOND: '20' }));
    expect(perSecond).toMatchObject({ maxMessages: 20, messageWindowMs: 1000 });
  });
});
