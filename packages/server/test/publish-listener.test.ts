import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { type PublishListenerOptions, publishListener } from '@roomcast/server';
import { listen, openClient, RecordingLogger, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chatGateway, quietEngine } from './support/chat.js';
import { serve } from './support/serve.js';

const token = 'publish-token-0123';
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const hello = { room: 'lobby', text: 'hello' };
const body = JSON.stringify(hello);

/** What comes before a body of so many bytes, on a connection for this request alone. */
function head(length: number): string {
  const all = { host: 'a', connection: 'close', 'content-length': length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST / HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The listener on a server of its own, behind what `around` makes of it. */
async function start(
  options: Partial<PublishListenerOptions> = {},
  around: (listener: RequestListener) => RequestListener = (listener) => listener,
) {
  const engine = quietEngine();
  onTestFinished(() => engine.close());
  const chat = chatGateway(engine);
  const logger = new RecordingLogger();
  const statuses: number[] = [];
  const publish = publishListener({
    gateway: chat,
    token,
    logger,
    onAnswer: (status) => statuses.push(status),
    ...options,
  });
  const { http, port, close } = await listen(createServer(around(publish)));
  onTestFinished(close);
  return { chat, logger, statuses, http, port };
}

describe('the publish API on node:http', () => {
  test('publishes, refuses, and tells its answers', async () => {
    const { chat, statuses, http } = await start();
    const accepted = await fetch(http, { method: 'POST', headers, body });
    expect([accepted.status, await accepted.json()]).toEqual([202, { accepted: 1 }]);
    expect((await fetch(http, { method: 'POST', body })).headers.get('www-authenticate')).toBe('Bearer');
    expect((await fetch(http)).headers.get('allow')).toBe('POST');
    expect(chat.seen).toEqual(['hello']);
    expect(statuses).toEqual([202, 401, 405]);
  });

  test('reads a body that comes in pieces', async () => {
    const { chat, port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write(head(body.length));
    for (const character of body) {
      socket.write(character);
      await turns(2);
    }
    let received = '';
    for await (const chunk of socket) received += chunk;
    expect(received).toMatch(/^HTTP\/1.1 202 /);
    expect(chat.seen).toEqual(['hello']);
  });

  test('a client that goes before its body is there publishes nothing, and is no problem of ours', async () => {
    const { chat, logger, statuses, http, port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write(head(1000) + body);
    await turns(5);
    socket.resetAndDestroy();
    await turns(5);
    // What comes afterwards is served as ever.
    expect((await fetch(http, { method: 'POST', headers, body })).status).toBe(202);
    expect([chat.seen, logger.lines, statuses]).toEqual([['hello'], [], [202]]);
  });

  test('a gateway that fails is a 500 that tells nothing, with a line in the log', async () => {
    const engine = quietEngine();
    onTestFinished(() => engine.close());
    const gateway = {
      ...chatGateway(engine),
      publish: () => {
        throw new Error('the database password is hunter2');
      },
    };
    const { logger, statuses, http } = await start({ gateway });
    const answer = await fetch(http, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'Internal error' }]);
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'answering a publish request failed' }]);
    expect(statuses).toEqual([500]);
  });

  test('a body that a parser has read before is told of instead of waited for', async () => {
    const { chat, logger, http } = await start({}, (publish) => (incoming, outgoing) => {
      incoming.resume().once('end', () => publish(incoming, outgoing));
    });
    expect((await fetch(http, { method: 'POST', headers, body })).status).toBe(500);
    const message = expect.stringContaining('read by others before');
    expect(logger.lines).toMatchObject([{ fields: { err: { message } } }]);
    expect(chat.seen).toEqual([]);
  });
});

describe('a whole server', () => {
  test('answers a backend as it answers a page of an allowed origin, whatever they send', async () => {
    const origin = 'https://app.example.com';
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const { http } = await serve({ engine, gateways: [chat], publishToken: token, origins: [origin] });
    const requests: [path: string, init: { headers: Record<string, string>; body: string }][] = [
      ['/api/publish', { headers, body }],
      ['/api/publish/chat', { headers, body: JSON.stringify([hello, hello]) }],
      ['/api/publish', { headers, body: JSON.stringify({ room: 1 }) }],
      ['/api/publish', { headers, body: '{"room":' }],
      ['/api/publish', { headers, body: 'x'.repeat(1024 * 1024 + 1) }],
      ['/api/publish', { headers: { ...headers, authorization: 'Bearer another-token' }, body }],
      ['/api/publish', { headers: { ...headers, 'content-type': 'text/plain' }, body }],
      ['/api/publish', { headers: { ...headers, 'idempotency-key': 'a b' }, body }],
      ['/api/publish?x=1', { headers, body }],
      ['/api/publish/other', { headers, body }],
    ];
    const seen: unknown[][] = [];
    for (const more of [{}, { origin }] as Record<string, string>[]) {
      const answers: unknown[] = [];
      for (const [path, init] of requests) {
        const answer = await fetch(http + path, { ...init, method: 'POST', headers: { ...init.headers, ...more } });
        const told = ['content-type', 'cache-control', 'x-content-type-options', 'www-authenticate'];
        answers.push([answer.status, await answer.json(), told.map((name) => answer.headers.get(name))]);
      }
      seen.push(answers);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.map((answer) => (answer as unknown[])[0])).toEqual([
      202, 202, 400, 400, 413, 401, 415, 400, 202, 404,
    ]);
    const metrics = await (await fetch(`${http}/metrics`)).text();
    for (const line of [
      'http_requests_total{status="202"} 6',
      'publish_requests_total{gateway="chat",status="202"} 6',
    ]) {
      expect(metrics).toContain(`roomcast_${line}\n`);
    }
  });

  test('knows a key that was used the other way', async () => {
    const origin = 'https://app.example.com';
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const { http } = await serve({ engine, gateways: [chat], publishToken: token, origins: [origin] });
    for (const more of [{}, { origin }] as Record<string, string>[]) {
      const init = { method: 'POST', headers: { ...headers, ...more, 'idempotency-key': 'key' }, body };
      expect((await fetch(`${http}/api/publish`, init)).status).toBe(202);
    }
    expect(chat.seen).toEqual(['hello']);
  });

  test('asks publishers for their connections while it lets its sessions go', async () => {
    const engine = quietEngine();
    const { http, ws } = await serve({ engine, gateways: [chatGateway(engine)], publishToken: token });
    const client = await openClient(`${ws}/ws`);
    const drained = engine.drain(1000);
    const answer = await fetch(`${http}/api/publish`, { method: 'POST', headers, body });
    expect([answer.status, answer.headers.get('connection')]).toEqual([202, 'close']);
    await drained;
    expect((await client.waitForClose()).code).toBe(1012);
  });
});
