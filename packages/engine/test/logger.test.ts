import { openClient, RecordingLogger } from '@roomcast/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  CredentialsError,
  consoleLogger,
  createEngine,
  redact,
  redacting,
  redactText,
  silentLogger,
} from '../src/index.js';
import { rawServer } from './support/raw-wire.js';

const secret = 's3cr3t-v4lu3';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';

describe('a text that is logged', () => {
  it.each([
    [`/ws?token=${secret}`, '/ws?token=[redacted]'],
    [`/ws?a=1&access_token=${secret}&b=2`, '/ws?a=1&access_token=[redacted]&b=2'],
    [`wss://host/ws?API_KEY=${secret}#part`, 'wss://host/ws?API_KEY=[redacted]#part'],
    [`password=${secret} user=ada`, 'password=[redacted] user=ada'],
    [`sid=1; auth_token=${secret}; theme=dark`, 'sid=1; auth_token=[redacted]; theme=dark'],
    [`Bearer ${secret}`, 'Bearer [redacted]'],
    [`protocols: v1.raw, bearer.${secret}`, 'protocols: v1.raw, bearer.[redacted]'],
    [`Authorization: Basic ${secret}`, 'Authorization: Basic [redacted]'],
    [`it said ${jwt}, which is wrong`, 'it said [redacted], which is wrong'],
    [`connecting to redis://ada:${secret}@db:6379/0`, 'connecting to redis://ada:[redacted]@db:6379/0'],
    [`{"t":"login","token":"${secret}"} is no JSON`, '{"t":"login","token":"[redacted]"} is no JSON'],
    [`{"user":"ada", "password" : "${secret}"}`, '{"user":"ada", "password" : "[redacted]"}'],
  ])('has no secret in it: %s', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
    expect(redactText(text)).not.toContain(secret);
  });

  it.each([
    'a session reads too slowly',
    '/ws?room=hall&limit=5',
    'https://example.com:8443/path',
    '{"room":"hall"}',
    'basic settings',
  ])('stays as it is where there is none: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('of a hostile shape costs no more than reading it', () => {
    // Work that grows with the square of these lengths would not come to an end within the test's time.
    const hostile = [`?${'token'.repeat(200_000)}`, `"${'token'.repeat(200_000)}`, '://a:'.repeat(200_000)];
    for (const text of hostile) expect(redactText(text)).toBe(text);
  });
});

describe('the fields of a log line', () => {
  it('lose the values of names that tell of a secret, at any depth, and keep the rest', () => {
    const fields = {
      session: 'abc',
      token: secret,
      headers: { Authorization: `Bearer ${secret}`, cookie: `a=${secret}`, origin: 'https://example.com' },
      list: [{ client_secret: secret, count: 3 }, `/ws?token=${secret}`],
      options: { apiKey: secret, 'x-api-key': secret, privateKey: secret, jwt: secret, auth: secret, passwd: secret },
      author: 'ada',
      nothing: null,
      none: undefined,
    };
    const redacted = redact(fields);
    expect(JSON.stringify(redacted)).not.toContain(secret);
    expect(redacted).toMatchObject({
      session: 'abc',
      headers: { origin: 'https://example.com' },
      list: [{ count: 3 }, '/ws?token=[redacted]'],
      author: 'ada',
      nothing: null,
    });
    expect(fields.token).toBe(secret);
  });

  it('show an error by its name, message and stack, without what it says of secrets', () => {
    const error = new CredentialsError('refused', `the token ${jwt} was refused`, { cause: new Error(secret) });
    const { err } = redact({ err: error }) as { err: Record<string, string> };
    expect(err.name).toBe('CredentialsError');
    expect(err.message).toBe('the token [redacted] was refused');
    expect(err.stack).toContain('logger.test.ts');
    expect(JSON.stringify(err)).not.toContain(jwt);
    expect(JSON.stringify(err)).not.toContain(secret);
  });

  it('end somewhere, even those that contain themselves', () => {
    const ring: Record<string, unknown> = { name: 'ring' };
    ring.self = ring;
    expect(JSON.stringify(redact(ring))).toContain('[deep]');
    expect(JSON.stringify(redact({ many: Array(10_000).fill('x') })).length).toBeLessThan(1000);
  });
});

describe('an engine', () => {
  it('keeps secrets from the logger it is given, at every level', async () => {
    const logger = new RecordingLogger();
    const safe = redacting(logger);
    for (const level of ['debug', 'info', 'warn', 'error'] as const) safe[level]({ token: secret }, `?token=${secret}`);
    expect(logger.lines).toHaveLength(4);
    expect(logger.text).not.toContain(secret);

    const engine = createEngine({ logger });
    engine.logger.error({ err: new Error(`Bearer ${secret}`) }, `?token=${secret}`);
    expect(logger.lines).toHaveLength(5);
    expect(logger.text).not.toContain(secret);
    await engine.close();
  });

  it('logs no secret of a connection, whatever goes wrong with it', async () => {
    const server = await rawServer({
      wire: {
        accept: ({ query, raw }) => {
          if (query.has('fail')) throw new Error(`cannot verify ${query.get('token')} of ${raw.url}`);
          return { data: { name: '' } };
        },
        message: (_session, message) => JSON.parse(`${message}`),
      },
    });
    await expect(openClient(`${server.url}?fail&token=${jwt}`)).rejects.toMatchObject({ status: 500 });
    await expect(
      openClient(`${server.url}?token=${jwt}`, { headers: { Origin: `https://evil.example/?token=${secret}` } }),
    ).rejects.toMatchObject({ status: 403 });
    const client = await openClient(`${server.url}?token=${secret}`, {
      headers: { Authorization: `Bearer ${secret}` },
    });
    client.send(`{"token":"${secret}"`);
    await client.waitForClose();
    expect(server.logger.lines.length).toBe(3);
    expect(server.logger.text).not.toContain(secret);
    expect(server.logger.text).not.toContain(jwt);
  });
});

describe('the loggers that come with it', () => {
  it('write warnings and errors to standard error, or nothing at all', () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    consoleLogger.debug({}, 'debug');
    consoleLogger.info({}, 'info');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) silentLogger[level]({}, level);
    expect(written).not.toHaveBeenCalled();
    consoleLogger.warn({ a: 1 }, 'careful');
    consoleLogger.error({ b: 2 }, 'broken');
    expect(written.mock.calls).toEqual([
      ['roomcast: careful', { a: 1 }],
      ['roomcast: broken', { b: 2 }],
    ]);
    written.mockRestore();
  });
});
