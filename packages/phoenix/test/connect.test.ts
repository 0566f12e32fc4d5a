import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createEngine, type EngineOptions, refuse, silentLogger } from '@roomcast/engine';
import { listen, ManualClock, openClient, RecordingLogger, turns, type UpgradeRefused } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ok, type Params, type PhoenixOptions, phoenixDefaults, phoenixWire } from '../src/index.js';
import { exchange, upgradeRequest } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';

const channels = { 'room:*': { join: () => ok(), message() {} } };
const cacheControl = 'max-age=0, private, must-revalidate';
let server: TestServer<unknown>;

async function start(options: Partial<PhoenixOptions<unknown>> = {}, engineOptions: EngineOptions = {}): Promise<void> {
  server = await startServer({ channels, ...options }, engineOptions);
}

afterEach(() => server?.close());

function open(query: string, options: Parameters<typeof openClient>[1] = {}) {
  return openClient(`${server.ws}/socket/websocket${query}`, options);
}

async function refusal(query: string, options: Parameters<typeof openClient>[1] = {}) {
  const { status, body, headers } = await open(query, options).then(
    () => Promise.reject(new Error('the connection was let in')),
    (error: UpgradeRefused) => error,
  );
  return { status, body, cacheControl: headers['cache-control'], headers };
}

const forbidden = { status: 403, body: '', cacheControl };

describe('vsn', () => {
  it.each([
    ['', 'v1'],
    ['?vsn=1.0.0', 'v1'],
    ['?vsn=1.0.9', 'v1'],
    ['?vsn=2.0.0', 'v2'],
    ['?vsn=2.0.11', 'v2'],
    ['?vsn=2.0.1-rc.1', 'v2'],
    ['?vsn=2.0.0%2Bbuild.5', 'v2'],
    ['?vsn=1.0.0&vsn=2.0.0', 'v2'],
  ])('%s selects %s', async (query, dialect) => {
    await start();
    await open(query);
    const [session] = server.phoenix.mount.sessions;
    expect(session?.dialect).toBe(dialect);
  });

  it.each([
    '?vsn=',
    '?vsn=2',
    '?vsn=2.0',
    '?vsn=02.0.0',
    '?vsn=2.0.0-rc.1',
    '?vsn=2.1.0',
    '?vsn=3.0.0',
    '?vsn[]=2.0.0',
  ])('%s is refused', async (query) => {
    await start();
    expect(await refusal(query)).toMatchObject(forbidden);
  });
});

describe('params', () => {
  async function paramsOf(query: string): Promise<Params> {
    const seen: Params[] = [];
    await start({
      connect(params) {
        seen.push(params);
        return { assigns: {} };
      },
    });
    await open(query);
    return seen[0] as Params;
  }

  it.each([
    ['?a=1&b=%C3%BC+x&a=2', { a: '2', b: 'ü x' }],
    ['?flag&&empty=', { flag: '', empty: '' }],
    ['?a[b]=1&a[c][d]=2&l[]=x&l[]=y', { a: { b: '1', c: { d: '2' } }, l: ['x', 'y'] }],
    ['?l[][a]=1&l[][a]=2', { l: [{ a: '1' }, { a: '2' }] }],
    ['?a=1&a[b]=2', { a: { b: '2' } }],
    ['?a[b=1&[x]=2&a]=3', { 'a[b': '1', '[x]': '2', 'a]': '3' }],
    ['?a%5Bb%5D=1', { a: { b: '1' } }],
    ['?__proto__=1&constructor[prototype]=2', JSON.parse('{"__proto__":"1","constructor":{"prototype":"2"}}')],
  ])('%s', async (query, params) => {
    expect(JSON.parse(JSON.stringify(await paramsOf(query)))).toEqual(params);
  });

  it.each(['?a=%ff', '?a=%zz', '?%=1', '?a=%C3'])('%s is refused with 400', async (query) => {
    await start();
    expect(await refusal(query)).toMatchObject({
      status: 400,
      body: '{"errors":{"detail":"Bad Request"}}',
      cacheControl,
    });
  });

  it('may hold raw UTF-8, and nothing else beyond ASCII', async () => {
    expect(await paramsOf('?a=ü')).toEqual({ a: 'ü' });
    const request = Buffer.from(upgradeRequest('/socket/websocket?a=\xfc'), 'latin1');
    const { head } = await exchange(server.port, '', { withHead: request });
    expect(head).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('connect', () => {
  it('lets in with assigns and an identity, at once or later', async () => {
    await start({
      connect: async ({ name }) => ({ assigns: { name }, identity: { id: String(name) } }),
    });
    await open('?name=ann&vsn=2.0.0');
    const [session] = server.phoenix.mount.sessions;
    expect(session?.data.assigns).toEqual({ name: 'ann' });
    expect(session?.identity?.id).toBe('ann');
  });

  it.each([
    ['at once', () => undefined],
    ['later', async () => undefined],
  ])('refuses %s with 403 and no body', async (_when, connect) => {
    await start({ connect });
    expect(await refusal('')).toMatchObject(forbidden);
  });

  it('refuses as it says', async () => {
    await start({ connect: () => refuse(403, 'go away', { 'X-Reason': 'none' }) });
    const { headers, ...answer } = await refusal('');
    expect(answer).toEqual({ status: 403, body: 'go away', cacheControl });
    expect(headers).toMatchObject({ 'x-reason': 'none' } satisfies IncomingHttpHeaders);
  });

  it('that fails is answered with 500', async () => {
    const logger = new RecordingLogger();
    await start({ connect: () => Promise.reject(new Error('on purpose')) }, { logger });
    expect(await refusal('?token=secret')).toMatchObject({
      status: 500,
      body: '{"errors":{"detail":"Internal Server Error"}}',
      cacheControl,
    });
    expect(logger.text).not.toContain('secret');
  });
});

describe('the engine', () => {
  it('refuses other origins as the original does', async () => {
    await start();
    expect(await refusal('', { origin: 'http://evil.example' })).toMatchObject(forbidden);
    await open('', { origin: server.http });
  });

  it('refuses over its limits with its own status and words', async () => {
    await start({}, { maxConnectionsPerIp: 1 });
    await open('');
    const { headers, ...answer } = await refusal('');
    expect(answer).toEqual({ status: 429, body: 'Too many connections from this address', cacheControl });
    expect(headers['retry-after']).toBe('60');
  });

  it('refuses while it drains', async () => {
    await start();
    void server.engine.drain();
    expect((await refusal('')).status).toBe(503);
  });
});

describe('the handshake', () => {
  const request = (change: (text: string) => string) => change(upgradeRequest('/socket/websocket'));

  it.each([
    [
      'Sec-WebSocket-Key',
      (text: string) => text.replace(/Sec-WebSocket-Key.*\r\n/, ''),
      "'sec-websocket-key' header is absent",
    ],
    [
      'version',
      (text: string) => text.replace('Version: 13', 'Version: 8'),
      `'sec-websocket-version' header must equal '13', got ["8"]`,
    ],
    [
      'upgrade',
      (text: string) => text.replace('Upgrade: websocket', 'Upgrade: h2c'),
      `'upgrade' header must contain 'websocket', got ["h2c"]`,
    ],
  ])('without a valid %s is answered with 400', async (_what, change, body) => {
    await start();
    expect(await exchange(server.port, request(change))).toMatchObject({
      head: expect.stringMatching(/^HTTP\/1.1 400 /),
      body,
    });
  });

  it('with another method is answered with 400 and no body, and connect is not asked', async () => {
    let asked = false;
    await start({
      connect() {
        asked = true;
        return { assigns: {} };
      },
    });
    const { head, body } = await exchange(
      server.port,
      request((text) => text.replace('GET', 'POST')),
    );
    expect([head.slice(9, 12), body, asked]).toEqual(['400', '', false]);
  });
});

describe('authToken', () => {
  const prefix = 'base64url.bearer.phx.';
  const tokens: (string | null)[] = [];

  async function startWithTokens(authToken = true): Promise<void> {
    tokens.length = 0;
    await start({
      authToken,
      connect(_params, request) {
        tokens.push(request.authToken);
        return { assigns: {} };
      },
    });
  }

  it.each([
    ['standard base64', 'Pz8/Pj4+', '???>>>'],
    ['base64url', 'Pz8_Pj4-', '???>>>'],
    ['text beyond ASCII', Buffer.from('schlüssel').toString('base64url'), 'schlüssel'],
    ['nothing', '', ''],
  ])('is decoded from %s', async (_what, encoded, token) => {
    await startWithTokens();
    const { head } = await exchange(
      server.port,
      upgradeRequest('/socket/websocket', { 'Sec-WebSocket-Protocol': `phoenix, ${prefix}${encoded}` }),
      { afterHead: Buffer.from([0x88, 0x80, 0, 0, 0, 0]) },
    );
    expect(head).toMatch(/^HTTP\/1.1 101 /);
    expect(head).toMatch(/sec-websocket-protocol: phoenix\r\n/i);
    expect(tokens).toEqual([token]);
  });

  it.each([
    ['a broken token', ['phoenix', `${prefix}a`]],
    ['no base64', ['phoenix', `${prefix}a!b~`]],
    ['no UTF-8', ['phoenix', `${prefix}_w`]],
    ['other subprotocols only', ['graphql-ws', `${prefix}YQ`]],
  ])('refuses %s with 403, and connect is not asked', async (_what, protocols) => {
    await startWithTokens();
    expect(await refusal('', { protocols })).toMatchObject(forbidden);
    expect(tokens).toEqual([]);
  });

  it('is null without one, and with two', async () => {
    await startWithTokens();
    await open('');
    expect((await open('', { protocols: ['phoenix'] })).socket.protocol).toBe('phoenix');
    await open('', { protocols: ['phoenix', `${prefix}YQ`, `${prefix}Yg`] });
    expect(tokens).toEqual([null, null, null]);
  });

  it('is not looked at where it is off', async () => {
    await startWithTokens(false);
    await expect(open('', { protocols: ['phoenix', `${prefix}YQ`] })).rejects.toThrow('Server sent no subprotocol');
    expect(tokens).toEqual([null]);
  });
});

describe('handleRequest', () => {
  it('answers plain requests for the socket, and no others', async () => {
    const engine = createEngine({ logger: silentLogger });
    const phoenix = phoenixWire(engine, { name: 'test', path: '/live', connect: () => undefined, channels });
    const http = createServer((request, response) => {
      if (!phoenix.handleRequest(request, response)) response.end('mine');
    });
    const { http: url, close } = await listen(http);
    try {
      const get = async (path: string, init: RequestInit = {}) => {
        const response = await fetch(url + path, init);
        return [response.status, await response.text(), response.headers.get('cache-control')];
      };
      expect(await get('/live/websocket?vsn=2.0.0')).toEqual([
        400,
        `'connection' header must contain 'upgrade', got ["keep-alive"]`,
        cacheControl,
      ]);
      expect(await get('/live/websocket/', { method: 'POST' })).toEqual([400, '', cacheControl]);
      expect(await get('/live')).toEqual([200, 'mine', null]);
    } finally {
      await engine.close();
      await close();
    }
  });
});

describe('an idle connection', () => {
  it('is closed after a minute, like the original; a heartbeat keeps it', async () => {
    const clock = new ManualClock();
    await start({}, { clock });
    const client = await open('?vsn=2.0.0');
    await clock.advance(59_000);
    client.send([null, '1', 'phoenix', 'heartbeat', {}]);
    await client.next();
    await clock.advance(59_000);
    await turns(5);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await clock.advance(2000);
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: '' });
    expect(phoenixDefaults).toMatchObject({ idleTimeoutMs: 60_000, pingIntervalMs: 0 });
  });
});

describe('options that make no sense', () => {
  it.each([
    ['path', { path: 'socket' }],
    ['path', { path: '/socket/' }],
    ['maxChannels', { maxChannels: 0 }],
    ['channels', { channels: { 'room:*:x': channels['room:*'] } }],
    ['idleTimeoutMs', { idleTimeoutMs: -1 }],
  ])('%s: %j', (option, given) => {
    const engine = createEngine({ logger: silentLogger });
    const options = { name: 'test', connect: () => undefined, channels, ...given };
    expect(() => phoenixWire(engine, options)).toThrow(expect.objectContaining({ name: 'EngineOptionsError', option }));
    return engine.close();
  });

  it('channels: an exact topic goes before a pattern, and the first pattern before others', async () => {
    const named = (name: string) => ({ join: () => ok(name), message() {} });
    await start({
      channels: { 'a:*': named('first'), 'a:b*': named('second'), 'a:b': named('exact'), '*': named('all') },
    });
    const client = await open('?vsn=2.0.0');
    const answers: unknown[] = [];
    for (const topic of ['a:b', 'a:bc', 'b', 'phoenix']) {
      client.send(['1', '1', topic, 'phx_join', {}]);
      const frame = await client.nextJson<[unknown, unknown, unknown, unknown, { response: unknown }]>();
      answers.push(frame[4].response);
    }
    expect(answers).toEqual(['exact', 'first', 'all', 'all']);
  });
});
