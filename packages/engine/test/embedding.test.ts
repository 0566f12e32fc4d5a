import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type Listening, listen, openClient, UpgradeRefused } from '@roomcast/testing';
import express from 'express';
import fastify from 'fastify';
import { createServer as createVite } from 'vite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { createEngine, type Engine, type EngineOptions, refuse, silentLogger } from '../src/index.js';
import { ask, mountRaw } from './support/raw-wire.js';

function rawEngine(options: EngineOptions = {}): Engine {
  const engine = createEngine({ logger: silentLogger, ...options });
  mountRaw(engine);
  onTestFinished(() => engine.close());
  return engine;
}

async function listening(server: Parameters<typeof listen>[0]): Promise<Listening> {
  const started = await listen(server);
  onTestFinished(started.close);
  return started;
}

async function expectServed(url: string, options: Parameters<typeof openClient>[1] = {}): Promise<void> {
  const client = await openClient(url, options);
  expect(await ask(client, { t: 'echo', data: 'hello' })).toEqual({ t: 'echo', data: 'hello' });
  await client.close();
}

async function refusalOf(url: string): Promise<UpgradeRefused> {
  const refused = await openClient(url).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refused instanceof UpgradeRefused)) throw new Error(`expected an HTTP refusal, got ${String(refused)}`);
  return refused;
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe('an engine on a server of the application', () => {
  it('serves its path beside the requests of node:http and answers foreign paths with 404', async () => {
    const server = createServer((_request, response) => response.end('page'));
    rawEngine().attach(server);
    const { http, ws } = await listening(server);
    await expectServed(`${ws}/raw`);
    expect(await textOf(`${http}/raw`)).toBe('page');
    expect((await refusalOf(`${ws}/other`)).status).toBe(404);
    expect((await refusalOf(`${ws}/raw/`)).status).toBe(404);
    expect((await refusalOf(`${ws}//raw`)).status).toBe(404);
  });

  it('serves its path on an HTTPS server', async () => {
    const cert = readFileSync(new URL('fixtures/localhost-cert.pem', import.meta.url));
    const key = readFileSync(new URL('fixtures/localhost-key.pem', import.meta.url));
    const server = createHttpsServer({ cert, key });
    rawEngine().attach(server);
    const { port } = await listening(server);
    await expectServed(`wss://localhost:${port}/raw`, { ca: cert, host: '127.0.0.1' });
  });

  it('sends through TLS what is larger than one record, whole and in order', async () => {
    const cert = readFileSync(new URL('fixtures/localhost-cert.pem', import.meta.url));
    const key = readFileSync(new URL('fixtures/localhost-key.pem', import.meta.url));
    const server = createHttpsServer({ cert, key });
    rawEngine().attach(server);
    const { port } = await listening(server);
    const client = await openClient(`wss://localhost:${port}/raw`, { ca: cert, host: '127.0.0.1' });
    const data = 'x'.repeat(60_000);
    for (let number = 0; number < 12; number++) client.send({ t: 'echo', data: `${number} ${data}` });
    for (let number = 0; number < 12; number++) {
      expect(await client.nextJson()).toEqual({ t: 'echo', data: `${number} ${data}` });
    }
  });

  it('serves its path beside an Express application', async () => {
    const app = express();
    app.get('/page', (_request, response) => {
      response.send('express');
    });
    const server = createServer(app);
    rawEngine().attach(server);
    const { http, ws } = await listening(server);
    await expectServed(`${ws}/raw`);
    expect(await textOf(`${http}/page`)).toBe('express');
    expect((await refusalOf(`${ws}/page`)).status).toBe(404);
  });

  it('serves its path beside a Fastify application', async () => {
    const app = fastify();
    app.get('/page', async () => 'fastify');
    rawEngine().attach(app.server);
    const http = await app.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => app.close());
    const ws = http.replace('http', 'ws');
    await expectServed(`${ws}/raw`);
    expect(await textOf(`${http}/page`)).toBe('fastify');
    expect((await refusalOf(`${ws}/page`)).status).toBe(404);
  });

  it('leaves the upgrades of another listener alone, whichever came first', async () => {
    for (const oursFirst of [true, false]) {
      const server = createServer();
      const other = new WebSocketServer({ noServer: true });
      other.on('connection', (socket) => socket.send('other'));
      const addOther = () =>
        server.on('upgrade', (request, socket, head) => {
          if (request.url !== '/other') return;
          other.handleUpgrade(request, socket, head, (accepted) => other.emit('connection', accepted, request));
        });
      if (!oursFirst) addOther();
      rawEngine().attach(server);
      if (oursFirst) addOther();
      const { ws } = await listening(server);
      const client = await openClient(`${ws}/other`);
      expect(await client.next()).toBe('other');
      await expectServed(`${ws}/raw`);
    }
  });

  it('leaves a path that neither it nor the other listener knows unanswered', async () => {
    const server = createServer();
    rawEngine().attach(server);
    const refused = new Promise<string | undefined>((resolve) => {
      server.on('upgrade', (request, socket) => {
        if (request.url === '/raw') return;
        // Nobody has answered: the socket is still this listener's to use.
        resolve(request.url);
        socket.end('HTTP/1.1 418 I am a teapot\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const { ws } = await listening(server);
    expect((await refusalOf(`${ws}/nowhere`)).status).toBe(418);
    expect(await refused).toBe('/nowhere');
  });

  it('shares a server with the hot-reload socket of a Vite development server', async () => {
    const server = createServer();
    const vite = await createVite({
      configFile: false,
      root: new URL('fixtures', import.meta.url).pathname,
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, hmr: { server }, watch: null },
    });
    onTestFinished(() => vite.close());
    rawEngine().attach(server);
    const { ws } = await listening(server);
    const reloading = await openClient(`${ws}/`, { protocols: ['vite-hmr'] });
    expect(await reloading.nextJson()).toEqual({ type: 'connected' });
    await expectServed(`${ws}/raw`);
    await reloading.close();
  });

  it('serves two servers at once, and none that it was taken off again', async () => {
    const engine = rawEngine();
    const first = createServer((_request, response) => response.end());
    const second = createServer();
    const detach = engine.attach(first);
    engine.attach(second);
    const [one, two] = [await listening(first), await listening(second)];
    await expectServed(`${one.ws}/raw`);
    await expectServed(`${two.ws}/raw`);
    detach();
    expect((await refusalOf(`${one.ws}/raw`)).status).toBe(200);
    await expectServed(`${two.ws}/raw`);
  });

  it('takes single upgrades from an application that does its own routing', async () => {
    const engine = rawEngine();
    const server = createServer();
    server.on('upgrade', (request, socket, head) => {
      if (!engine.handleUpgrade(request, socket, head)) socket.end('HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n');
    });
    const { ws } = await listening(server);
    await expectServed(`${ws}/raw`);
    expect((await refusalOf(`${ws}/other`)).status).toBe(410);
  });

  it('looks at every upgrade first where it is asked to, and tells of what it refuses itself', async () => {
    const server = createServer();
    const refused: number[] = [];
    rawEngine().attach(server, {
      guard: ({ headers }) => (headers['x-maintenance'] === undefined ? undefined : refuse(503, 'back soon')),
      onRefused: (status) => refused.push(status),
    });
    const { ws } = await listening(server);
    await expectServed(`${ws}/raw`);
    expect(refused).toEqual([]);
    const headers = { 'X-Maintenance': 'yes' };
    await expect(openClient(`${ws}/raw`, { headers })).rejects.toMatchObject({ status: 503, body: 'back soon' });
    expect((await refusalOf(`${ws}/other`)).status).toBe(404);
    expect(refused).toEqual([503, 404]);
  });

  it('refuses an upgrade whose guard fails, and goes on', async () => {
    const server = createServer();
    rawEngine().attach(server, {
      guard: ({ url }) => {
        if (url === '/raw?bad') throw new Error('broken');
        return undefined;
      },
    });
    const { ws } = await listening(server);
    expect((await refusalOf(`${ws}/raw?bad`)).status).toBe(500);
    await expectServed(`${ws}/raw`);
  });

  it('installs no signal handlers', () => {
    const handlers = () =>
      ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException'].map((name) => process.listenerCount(name));
    const before = handlers();
    rawEngine();
    expect(handlers()).toEqual(before);
  });
});
