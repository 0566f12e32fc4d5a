import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { eventually, freePort, hasTool, listen, RecordingLogger, startRedis } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisBus, redisState } from '../src/index.js';
import { certificate } from './support/certificate.js';

async function server(options: Parameters<typeof startRedis>[0]) {
  const started = await startRedis(options);
  onTestFinished(() => started.close());
  return started;
}

/** What the factory rejects with, and what it logs, which is the same once. */
async function refusal(url: string, options: object = {}) {
  const logger = new RecordingLogger();
  const error: Error = await createRedisBus({ url, logger, ...options }).then(
    () => expect.unreachable('it was not refused'),
    (reason) => reason,
  );
  expect(logger.lines.map(({ message }) => message)).toEqual([`the bus is down: ${error.message}`]);
  expect(`${error.message} ${logger.text}`).not.toMatch(/hunter2|\n/);
  return error;
}

describe.skipIf(!hasTool('redis-server'))('a Redis that refuses us', () => {
  it.each([
    ['a wrong password', 'redis://:hunter2@', /^Redis at 127.0.0.1:\d+ refuses the user name or the password$/],
    ['a wrong user', 'redis://ada:hunter2@', /^Redis at 127.0.0.1:\d+ refuses the user name or the password$/],
    ['no password', 'redis://', /^Redis at 127.0.0.1:\d+ asks for a password, and the URL has none$/],
  ])('for %s is named once, in one line without the password', async (_, start, line) => {
    const { port } = await server({ password: 'right' });
    const error = await refusal(`${start}127.0.0.1:${port}`);
    expect(error).toMatchObject({ name: 'BusRefusedError', message: expect.stringMatching(line) });
  });

  it('for a database it does not have', async () => {
    const { url } = await server({});
    expect((await refusal(`${url}/99`)).message).toMatch(/does not have the database of the URL$/);
  });

  it('as a cluster, or as a sentinel, because it is none', async () => {
    const { port } = await server({});
    expect((await refusal(`redis+cluster://127.0.0.1:${port}`)).message).toMatch(/is no cluster/);
    expect((await refusal(`redis+sentinel://127.0.0.1:${port}/main`)).message).toMatch(/is no sentinel/);
  });

  it('for a certificate nobody has vouched for, and is trusted with its authority', async () => {
    const { key, cert, folder } = certificate();
    const port = await freePort();
    const files = [
      '--tls-cert-file',
      `${folder}/cert.pem`,
      '--tls-key-file',
      `${folder}/key.pem`,
      '--tls-auth-clients',
      'no',
    ];
    await server({ args: ['--tls-port', String(port), '--tls-ca-cert-file', `${folder}/cert.pem`, ...files] });
    expect(key).toContain('PRIVATE KEY');
    expect((await refusal(`rediss://127.0.0.1:${port}`)).message).toMatch(/TLS failed: self-signed certificate$/);
    const bus = await createRedisBus({ url: `rediss://127.0.0.1:${port}`, tls: { ca: cert } });
    onTestFinished(() => bus.close());
    expect(bus.status).toBe('up');
  });

  it('to listen or to publish by its access rules: the one who wants it learns it, and the rest goes on', async () => {
    // As the README gives them, for another prefix.
    const commands = ['+@pubsub', '+@connection', '+role', '+cluster|slots', '+get', '+set'];
    const rules = [...commands, 'resetchannels', '&allowed.*', '~roomcast.*'];
    const { port } = await server({ args: ['--user', 'ada', 'on', '>right', ...rules] });
    const bus = await createRedisBus({ url: `redis://ada:right@127.0.0.1:${port}` });
    onTestFinished(() => bus.close());
    const received: string[] = [];
    const outcomes = await Promise.allSettled([
      bus.subscribe('allowed.1', (text) => received.push(text)),
      bus.subscribe('forbidden', () => {}),
      bus.subscribe('allowed.2', (text) => received.push(text)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(bus.publish('forbidden', 'x')).rejects.toThrow(/NOPERM/);
    for (const topic of ['allowed.1', 'allowed.2']) await bus.publish(topic, topic);
    await redisState(bus, 'x').save('saved');
    expect(await redisState(bus, 'x').load()).toBe('saved');
    await eventually(() => received.length === 2);
    expect(bus.status).toBe('up');
  });
});

describe('what is no Redis', () => {
  it('is named where it speaks something else', async () => {
    const http = await listen(createHttpServer());
    onTestFinished(() => http.close());
    expect((await refusal(`redis://127.0.0.1:${http.port}`)).message).toMatch(/does not speak Redis's protocol/);
  });

  it.each([
    ['refuses connections', null, 5000, /ECONNREFUSED/],
    ['says nothing', () => {}, 300, /did not answer in time/],
    ['hangs up', (socket: { destroy(): void }) => socket.destroy(), 5000, /closed unexpectedly|ECONNRESET/],
  ])('is waited for where it %s, with one line in the log for each problem', async (_, behave, withinMs, line) => {
    const logger = new RecordingLogger();
    let port = await freePort();
    if (behave !== null) {
      const listening = await listen(createServer(behave));
      port = listening.port;
    }
    const options = { connectTimeoutMs: withinMs, subscribeTimeoutMs: 500, maxBackOffMs: 50, logger };
    const bus = await createRedisBus({ url: `redis://:hunter2@127.0.0.1:${port}`, ...options });
    onTestFinished(() => bus.close());
    expect(bus.status).toBe('down');
    await expect(bus.publish('t', 'x')).rejects.toMatchObject({
      name: 'BusDownError',
      message: expect.stringMatching(line),
    });
    await expect(bus.subscribe('t', () => {})).rejects.toMatchObject({ name: 'BusDownError' });
    await expect(redisState(bus, 'x').load()).rejects.toMatchObject({ name: 'BusDownError' });
    const messages = logger.lines.map(({ message }) => message);
    expect(messages).toEqual([...new Set(messages)]);
    expect(logger.text).not.toContain('hunter2');
  });

  it('is told of once for each of several that say nothing', async () => {
    const logger = new RecordingLogger();
    let asked = 0;
    const silent = await Promise.all([1, 2].map(() => listen(createServer(() => void asked++))));
    onTestFinished(async () => void (await Promise.all(silent.map((one) => one.close()))));
    const hosts = silent.map(({ port }) => `127.0.0.1:${port}`);
    const url = `redis+sentinel://${hosts.join(',')}/main`;
    const bus = await createRedisBus({ url, connectTimeoutMs: 300, maxBackOffMs: 20, logger });
    onTestFinished(() => bus.close());
    await eventually(() => asked >= 12, 'six attempts');
    for (const { message } of logger.lines)
      expect(message).toMatch(/^the bus is down: Redis at \S+ did not answer in time$/);
    expect(logger.lines.length).toBeLessThanOrEqual(2);
  });

  it.skipIf(!hasTool('redis-server'))('is asked about TLS where TLS gets no answer', async () => {
    const { port } = await server({});
    const logger = new RecordingLogger();
    const bus = await createRedisBus({ url: `rediss://127.0.0.1:${port}`, connectTimeoutMs: 300, logger });
    onTestFinished(() => bus.close());
    expect(logger.text).toMatch(/did not answer in time \(does it speak TLS there\?\)/);
  });

  it('is named where its host is not known', async () => {
    const logger = new RecordingLogger();
    const bus = await createRedisBus({ url: 'redis://:hunter2@no-such-host.invalid', logger });
    onTestFinished(() => bus.close());
    expect(logger.text).toMatch(/Redis at no-such-host.invalid:6379: getaddrinfo/);
  });
});
