import { createServer } from 'node:net';
import { silentLogger } from '@roomcast/engine';
import { eventually, freePort, hasTool, listen, RecordingLogger, startNats, TcpProxy } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNatsBus, type NatsBusOptions } from '../src/index.js';
import { certificate } from './support/certificate.js';

async function server(config: string) {
  const started = await startNats({ config });
  onTestFinished(() => started.close());
  return started;
}

async function connected(options: NatsBusOptions) {
  const bus = await createNatsBus({ logger: silentLogger, ...options });
  onTestFinished(() => bus.close());
  return bus;
}

/** What the factory rejects with, and what it logs, which is the same once. */
async function refusal(url: string) {
  const logger = new RecordingLogger();
  const error: Error = await createNatsBus({ url, logger }).then(
    () => expect.unreachable('it was not refused'),
    (reason) => reason,
  );
  expect(logger.lines.map(({ message }) => message)).toEqual([`the bus is down: ${error.message}`]);
  expect(`${error.message} ${logger.text}`).not.toMatch(/hunter2|\n/);
  expect(error.name).toBe('BusRefusedError');
  return error.message;
}

const users = 'authorization { users: [{ user: ada, password: right }] }';

describe.skipIf(!hasTool('nats-server'))('a NATS server that refuses us', () => {
  it.each([
    ['a wrong password', users, 'ada:hunter2@'],
    ['a wrong user', users, 'bob:hunter2@'],
    ['a wrong token', 'authorization { token: right }', 'hunter2@'],
    ['no password', users, ''],
  ])('for %s is named once, in one line without the password', async (_, config, credentials) => {
    const { port } = await server(config);
    const line = /^NATS at 127.0.0.1:\d+ refuses the user, the password or the token$/;
    expect(await refusal(`nats://${credentials}127.0.0.1:${port}`)).toMatch(line);
  });

  it.each([
    [users, 'ada:right@'],
    ['authorization { token: right }', 'right@'],
  ])('takes the right ones', async (config, credentials) => {
    const { port } = await server(config);
    expect((await connected({ url: `nats://${credentials}127.0.0.1:${port}` })).status).toBe('up');
  });

  it('for a certificate nobody has vouched for, and is trusted with its authority', async () => {
    const { cert, folder } = certificate();
    const { port } = await server(`tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" }`);
    expect(await refusal(`tls://127.0.0.1:${port}`)).toMatch(/TLS failed: self-signed certificate$/);
    expect((await connected({ url: `tls://127.0.0.1:${port}`, tls: { ca: cert } })).status).toBe('up');
  });

  it('for TLS where it has none', async () => {
    const { port } = await server('');
    expect(await refusal(`tls://127.0.0.1:${port}`)).toMatch(/has no TLS: take a nats:\/\/ URL$/);
  });

  it('to listen or to publish by its permissions: the one who wants it learns it, and the rest goes on', async () => {
    const permissions = 'permissions: { publish: ["allowed.>"], subscribe: ["allowed.>"] }';
    const { port } = await server(`authorization { users: [{ user: ada, password: right, ${permissions} }] }`);
    const bus = await connected({ url: `nats://ada:right@127.0.0.1:${port}` });
    const other = await connected({ url: `nats://ada:right@127.0.0.1:${port}` });
    const received: string[] = [];
    const outcomes = await Promise.allSettled([
      bus.subscribe('allowed.1', (text) => received.push(text)),
      bus.subscribe('forbidden', () => {}),
      bus.subscribe('allowed.2', (text) => received.push(text)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const published = await Promise.allSettled(['allowed.1', 'forbidden', 'allowed.2'].map((t) => other.publish(t, t)));
    expect(published.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await eventually(() => received.length === 2);
    expect(bus.status).toBe('up');
  });
});

describe.skipIf(!hasTool('nats-server'))('a NATS server', () => {
  it('among several is taken that is there', async () => {
    const { port } = await server('');
    for (let attempt = 0; attempt < 4; attempt++) {
      const bus = await connected({ url: `nats://127.0.0.1:1,127.0.0.1:${port}` });
      expect(bus.status).toBe('up');
    }
  });

  it('that does not answer costs no socket for each attempt', async () => {
    const { port } = await server('');
    const proxy = await TcpProxy.to(port);
    onTestFinished(() => proxy.close());
    proxy.hold();
    const logger = new RecordingLogger();
    const times = { connectTimeoutMs: 100, maxBackOffMs: 10 };
    const bus = await connected({ url: `nats://127.0.0.1:${proxy.port}`, ...times, logger });
    let most = 0;
    const until = performance.now() + 1500;
    await eventually(() => {
      most = Math.max(most, proxy.connections);
      return performance.now() > until;
    });
    expect(most).toBeLessThan(5);
    expect(logger.text).toContain('did not answer in 50 ms');
    proxy.release();
    await eventually(() => bus.status === 'up');
  });

  it('does not get messages beyond 32 MiB', async () => {
    const { url } = await server('');
    const bus = await connected({ url, maxPendingBytes: 100_000_000 });
    await expect(bus.publish('t', 'x'.repeat(33_554_433))).rejects.toThrow(/33554433 bytes is too large/);
    expect(bus.status).toBe('up');
  });
});

describe('what is no NATS server', () => {
  it('is named where it speaks something else', async () => {
    const other = await listen(createServer((socket) => socket.write('+OK\r\n')));
    onTestFinished(() => other.close());
    expect(await refusal(`nats://127.0.0.1:${other.port}`)).toMatch(/does not speak NATS's protocol/);
  });

  it.each([
    ['refuses connections', null, 5000, /ECONNREFUSED/],
    ['says nothing', () => {}, 300, /did not answer in 150 ms/],
    ['hangs up', (socket: { destroy(): void }) => socket.destroy(), 5000, /closed the connection|ECONNRESET/],
  ])('is waited for where it %s, with one line in the log for each problem', async (_, behave, withinMs, line) => {
    const logger = new RecordingLogger();
    let port = await freePort();
    if (behave !== null) {
      const listening = await listen(createServer(behave));
      port = listening.port;
    }
    const options = { connectTimeoutMs: withinMs, subscribeTimeoutMs: 500, maxBackOffMs: 50, logger };
    const bus = await connected({ url: `nats://u:hunter2@127.0.0.1:${port}`, ...options });
    expect(bus.status).toBe('down');
    await expect(bus.publish('t', 'x')).rejects.toMatchObject({
      name: 'BusDownError',
      message: expect.stringMatching(line),
    });
    await expect(bus.subscribe('t', () => {})).rejects.toMatchObject({ name: 'BusDownError' });
    const messages = logger.lines.map(({ message }) => message);
    expect(messages).toEqual([...new Set(messages)]);
    expect(logger.text).not.toContain('hunter2');
  });
});
