import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryBroker } from '@roomcast/engine';
import {
  EnvironmentError,
  ListenError,
  readEnvironment,
  readTls,
  type ServerOptions,
  startServer,
} from '@roomcast/server';
import { eventually, listen, ManualClock, openClient, RecordingLogger, turns } from '@roomcast/testing';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chatGateway, quietEngine } from './support/chat.js';
import { temporaryFolder } from './support/files.js';
import { exchange } from './support/raw.js';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const certificate = { TLS_CERT_FILE: fixture('cert.pem'), TLS_KEY_FILE: fixture('key.pem') };

async function start(source: Record<string, string> = {}, options: Partial<ServerOptions> = {}) {
  const env = readEnvironment({ port: 0 }, source);
  const engine = options.engine ?? quietEngine();
  const chat = chatGateway(engine);
  const logger = new RecordingLogger();
  const running = await startServer({ env, engine, gateways: [chat], logger, ...options });
  onTestFinished(() => running.close(200).catch(() => {}));
  return { ...running, running, chat, logger, ws: running.url.replace('http', 'ws') };
}

describe('a server', () => {
  test('listens, says where, and serves HTTP and WebSockets', async () => {
    const { url, port, ws, logger } = await start({ PUBLISH_TOKEN: 'publish-token', ADMIN_TOKEN: 'admin-token' });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(logger.lines).toEqual([{ level: 'info', fields: { url }, message: 'listening' }]);
    const client = await openClient(`${ws}/ws?user=ann`);
    client.send('lobby');
    await client.next();
    const headers = { authorization: 'Bearer publish-token', 'content-type': 'application/json' };
    const body = JSON.stringify({ room: 'lobby', text: 'hello' });
    expect((await fetch(`${url}/api/publish/chat`, { method: 'POST', headers, body })).status).toBe(202);
    expect(await client.next()).toBe('hello');
    const admin = await fetch(`${url}/admin/rooms`, { headers: { authorization: 'Bearer admin-token' } });
    expect(await admin.json()).toMatchObject({ rooms: [{ id: 'lobby', members: 1 }] });
  });

  test('answers upgrades to other paths with 404', async () => {
    const { ws } = await start();
    await expect(openClient(`${ws}/elsewhere`)).rejects.toMatchObject({ status: 404 });
  });

  test('leaves them alone where somebody else takes upgrades', async () => {
    const { ws } = await start(
      {},
      {
        onServer: (server) => {
          server.on('upgrade', ({ url }, socket) => {
            if (url === '/other') socket.end('HTTP/1.1 418 Other\r\nConnection: close\r\n\r\n');
          });
        },
      },
    );
    await expect(openClient(`${ws}/other`)).rejects.toMatchObject({ status: 418 });
    await (await openClient(`${ws}/ws`)).close();
  });

  test.each([-1, 0, 1])('takes upgrades with so many header lines: %i beyond', async (beyond) => {
    const { port, url } = await start({}, { http: { maxHeaders: 50 } });
    const own = ['Host: host', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const lines = [...own, 'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=='];
    while (lines.length < 50 + beyond) lines.push(`X-${lines.length}: 1`);
    // The masked close frame makes an accepted connection end.
    const frame = '\x88\x80\x00\x00\x00\x00';
    const answer = await exchange(port, `GET /ws HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${beyond > 0 ? '' : frame}`);
    expect(answer).toMatch(beyond > 0 ? /^HTTP\/1.1 431 / : /^HTTP\/1.1 101 /);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics.includes('roomcast_http_requests_total{status="431"} 1')).toBe(beyond > 0);
  });

  test('warns of a demonstration, and of a plain listener that others can reach', async () => {
    const { logger } = await start({ DEMO: '1', HOST: '0.0.0.0' });
    const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('DEMO=1');
    expect(warnings[1]).toContain('without TLS');
  });

  test('that finds its port taken says so in one line', async () => {
    const { port, close } = await listen(createServer());
    onTestFinished(close);
    const env = readEnvironment({ port });
    const engine = quietEngine();
    const options = { env: { ...env, PORT: port }, engine, gateways: [], logger: new RecordingLogger() };
    await expect(startServer(options)).rejects.toThrow(ListenError);
    await expect(startServer(options)).rejects.toThrow(
      new RegExp(`^can't listen on 127.0.0.1 port ${port}: something else listens there already[^\n]*$`),
    );
    const nowhere = { ...options, env: { ...options.env, HOST: '203.0.113.1' } };
    await expect(startServer(nowhere)).rejects.toThrow(/^can't listen on 203.0.113.1 port/);
    await engine.close();
  });
});

describe('TLS', () => {
  test('is served with the files of the environment', async () => {
    const { url, port, ws, logger } = await start({ ...certificate, HOST: '0.0.0.0' });
    expect(url).toBe(`https://0.0.0.0:${port}`);
    expect(logger.lines.map(({ message }) => message)).toEqual(['listening']);
    const ca = readFileSync(certificate.TLS_CERT_FILE);
    const sent = request({ port, host: '127.0.0.1', servername: 'localhost', path: '/healthz', ca }).end();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    const client = await openClient(`${ws.replace('0.0.0.0', 'localhost')}/ws`, { ca });
    client.send('lobby');
    expect(await client.next()).toBe('joined lobby');
  });

  test('files that can not be used are one line that names the variable', () => {
    const folder = temporaryFolder();
    expect(readTls({})).toBeUndefined();
    expect(() => readTls({ ...certificate, TLS_CERT_FILE: join(folder, 'none') })).toThrow(
      /^TLS_CERT_FILE: expected a file that can be read, got ENOENT at [^\n]*$/,
    );
    expect(() => readTls({ ...certificate, TLS_KEY_FILE: folder })).toThrow(/^TLS_KEY_FILE: .* got EISDIR at/);
    expect(() => readTls({ ...certificate, TLS_CERT_FILE: fixture('key.pem') })).toThrow(EnvironmentError);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'other.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => readTls({ ...certificate, TLS_KEY_FILE: join(folder, 'other.pem') })).toThrow(
      'TLS_KEY_FILE: expected the key of the certificate, in PEM',
    );
  });
});

describe('closing', () => {
  const readiness = (url: string) => fetch(`${url}/readyz`).then(({ status }) => status);

  test('says goodbye, is not ready meanwhile, and then runs what belongs to the shutdown', async () => {
    const order: string[] = [];
    const { running, url, ws } = await start({}, { onShutdown: () => void order.push('shutdown') });
    const clients = await Promise.all(Array.from({ length: 3 }, () => openClient(`${ws}/ws`)));
    // A client that never answers the close keeps the server waiting, so that there is a meanwhile.
    clients[0]?.socket.pause();
    const closing = running.close(2000).then(() => order.push('closed'));
    expect(await clients[1]?.waitForClose()).toMatchObject({ code: 1012 });
    expect(await readiness(url)).toBe(503);
    await expect(openClient(`${ws}/ws`)).rejects.toMatchObject({ status: 503 });
    expect(order).toEqual([]);
    await closing;
    expect(order).toEqual(['shutdown', 'closed']);
    await expect(readiness(url)).rejects.toThrow();
  });

  test('lets requests under way finish', async () => {
    let finish: () => void = () => {};
    const routes = new Hono().get('/slow', async (c) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return c.text('done');
    });
    const { url, running } = await start({}, { routes, onShutdown: () => finish() });
    const slow = fetch(`${url}/slow`);
    await fetch(`${url}/healthz`);
    await running.close(2000);
    expect(await (await slow).text()).toBe('done');
  });

  test('cuts off requests that are not answered in time', async () => {
    const routes = new Hono().get('/never', () => new Promise(() => {}));
    const { running, url } = await start({}, { routes });
    const never = fetch(`${url}/never`);
    never.catch(() => {});
    await fetch(`${url}/healthz`);
    await running.close(300);
    await expect(never).rejects.toThrow();
  });

  test('does not wait for idle connections, nor for what hangs', async () => {
    const { running } = await start({}, { onShutdown: () => new Promise(() => {}) });
    await fetch(`${running.url}/healthz`);
    await expect(running.close(500)).rejects.toThrow('not done in time');
    await expect(fetch(`${running.url}/healthz`)).rejects.toThrow();
  });

  test('twice is once', async () => {
    let count = 0;
    const { running } = await start({}, { onShutdown: () => void count++ });
    await Promise.all([running.close(500), running.close(500)]);
    await running.close();
    expect(count).toBe(1);
  });
});

describe('a server beside others', () => {
  test('publishes what backends publish to the broker, says when it listens there, and counts it', async () => {
    const broker = new MemoryBroker();
    const clock = new ManualClock(Date.now());
    const servers = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const bus = broker.connect(name);
        return { bus, ...(await start({}, { engine: quietEngine({ bus, clock }) })) };
      }),
    );
    for (const { url } of servers) {
      await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, 'the server to be ready');
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ parts: { bus: 'ok', publish: 'ok' } });
    }
    await clock.advance(4000);
    broker.publishForeign('roomcast.chat.publish', JSON.stringify({ room: 'lobby', text: 'hello' }));
    broker.publishForeign('roomcast.chat.publish', 'nonsense');
    await eventually(() => servers.every(({ chat }) => chat.seen.length === 1), 'the event on both');
    await turns(10);
    const metrics = await Promise.all(servers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    for (const outcome of ['published', 'refused']) {
      const line = `roomcast_bus_publishes_total{gateway="chat",outcome="${outcome}"} 1`;
      expect(metrics.filter((text) => text.includes(line))).toHaveLength(1);
    }
    expect(servers.flatMap(({ logger }) => logger.lines).filter(({ level }) => level === 'warn')).toHaveLength(1);
    servers[0]?.bus.setStatus('down');
    const answer = await fetch(`${servers[0]?.url}/readyz`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { parts: { bus: 'down' } }]);
  });

  test('hands over what it alone runs before its sessions go, and goes on when that fails', async () => {
    const steps: string[] = [];
    const { running, ws, logger } = await start(
      {},
      {
        feeds: [
          {
            name: 'feed',
            feed: {
              start: () => steps.push('started'),
              stop: () => {
                steps.push('stopped');
                throw new Error('broken');
              },
            },
          },
        ],
        onShutdown: () => {
          steps.push('shutdown');
        },
      },
    );
    const client = await openClient(`${ws}/ws`);
    void client.waitForClose().then(() => steps.push('closed'));
    await eventually(() => steps.length === 1, 'the feed');
    await running.close(500);
    expect(steps).toEqual(['started', 'stopped', 'closed', 'shutdown']);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error' });
  });
});
