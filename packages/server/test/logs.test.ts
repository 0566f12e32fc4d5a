import { createEngine } from '@roomcast/engine';
import { createLogger, type LogOptions } from '@roomcast/server';
import { openClient } from '@roomcast/testing';
import { describe, expect, test } from 'vitest';
import { chatGateway } from './support/chat.js';
import { serve } from './support/serve.js';

function capture(options: Omit<LogOptions, 'to'> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ ...options, to: { write: (line) => lines.push(line) } });
  return { logger, lines, text: () => lines.join('') };
}

test('a line is one JSON object with its message', () => {
  const { logger, lines } = capture({ service: 'chat' });
  logger.info({ url: 'http://127.0.0.1:1' }, 'listening');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 30,
    msg: 'listening',
    url: 'http://127.0.0.1:1',
    service: 'chat',
    pid: process.pid,
  });
});

test('the level decides what is written', () => {
  const { logger, lines } = capture({ level: 'warn' });
  logger.info({}, 'no');
  logger.warn({}, 'yes');
  logger.child({ part: 'x' }).error('yes, too');
  expect(lines).toHaveLength(2);
});

describe('no credential gets into a line', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2VjcmV0';

  test.each<[string, (logger: ReturnType<typeof capture>['logger']) => void]>([
    ['in a field named so', (logger) => logger.info({ token: 'hunter22' }, 'x')],
    ['in a nested field', (logger) => logger.info({ request: { headers: { authorization: 'hunter22' } } }, 'x')],
    ['in a URL', (logger) => logger.info({ url: '/ws?token=hunter22&x=1' }, 'x')],
    ['in the message', (logger) => logger.info('GET /ws?access_token=hunter22')],
    ['as a bearer value', (logger) => logger.info({}, 'Authorization: Bearer hunter22')],
    ['in an error', (logger) => logger.error({ err: new Error('bad ?token=hunter22') }, 'x')],
    ['in an error that is the line', (logger) => logger.error(new Error('bad ?token=hunter22'))],
    ['in a field of a child', (logger) => logger.child({ token: 'hunter22' }).info('x')],
    ['in a nested field of a child', (logger) => logger.child({ user: { password: 'hunter22' } }).info('x')],
  ])('%s', (_, log) => {
    const { logger, lines, text } = capture();
    log(logger);
    expect(lines).toHaveLength(1);
    expect(text()).not.toContain('hunter22');
    expect(text()).toContain('[redacted]');
  });

  test('a JWT anywhere', () => {
    const { logger, text } = capture();
    logger.warn({ value: jwt }, `got ${jwt}`);
    expect(text()).not.toContain(jwt);
  });

  test('a configured secret anywhere, also where JSON writes it in another way', () => {
    const { logger, text } = capture({ secrets: ['correct horse "battery"', 'plain-secret', 'no'] });
    logger.info({ where: 'x=correct horse "battery"' }, 'and plain-secret');
    logger.child({ note: 'plain-secret' }).info('no harm to short words: know');
    expect(text()).not.toContain('battery');
    expect(text()).not.toContain('plain-secret');
    expect(text()).toContain('know');
  });

  test('whatever clients send along', async () => {
    const { logger, text, lines } = capture({ level: 'trace' });
    const engine = createEngine({ logger });
    const chat = chatGateway(engine, { maxMessages: 1 });
    const { http, ws } = await serve({ engine, gateways: [chat], logger, publishToken: 'publish-hunter22' });
    const headers = { authorization: 'Bearer hunter22', cookie: 'session=hunter22' };
    await fetch(`${http}/api/publish?token=hunter22`, { method: 'POST', headers, body: '"hunter22"' });
    await fetch(`${http}/admin/sessions?identity=hunter22`, { headers });
    const foreign = { origin: 'https://evil.example', headers };
    await expect(openClient(`${ws}/ws?token=hunter22`, foreign)).rejects.toMatchObject({ status: 403 });
    const client = await openClient(`${ws}/ws?token=hunter22&user=ann`, { headers });
    for (let index = 0; index < 3; index++) client.send('token hunter22');
    await client.waitForClose();
    expect(lines.length).toBeGreaterThan(0);
    expect(text()).not.toContain('hunter22');
  });
});
