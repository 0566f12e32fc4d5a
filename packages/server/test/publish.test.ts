import { createServer } from 'node:http';
import { type Engine, MemoryBroker } from '@roomcast/engine';
import { nodeHandler, type PublishOptions, publishHandler } from '@roomcast/server';
import { eventually, listen, ManualClock, openClient, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChatGateway, chatGateway, quietEngine } from './support/chat.js';
import { serve } from './support/serve.js';

const token = 'publish-token-0123';
const authorization = `Bearer ${token}`;
const hello = { room: 'lobby', text: 'hello' };
const events = (count: number) => Array.from({ length: count }, (_, index) => ({ room: 'lobby', text: `${index}` }));

interface Api {
  engine: Engine;
  chat: ChatGateway;
  post(body: unknown, headers?: Record<string, string>, path?: string): Promise<{ status: number; body: unknown }>;
}

async function startApi(engine = quietEngine(), { parseMs = 0 } = {}): Promise<Api> {
  const chat = chatGateway(engine, { parseMs });
  const { http } = await serve({ engine, gateways: [chat], publishToken: token });
  return {
    engine,
    chat,
    async post(body, headers = {}, path = '/api/publish') {
      const response = await fetch(http + path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
  };
}

/** The publish API as a function, without a server around it. */
function startHandler(options: Partial<PublishOptions> = {}) {
  const broker = new MemoryBroker();
  const bus = broker.connect();
  const engine = quietEngine({ bus });
  const other = quietEngine({ bus: broker.connect() });
  onTestFinished(async () => {
    await engine.close();
    await other.close();
  });
  const here = chatGateway(engine);
  const there = chatGateway(other);
  const publish = publishHandler({ gateway: here, token, ...options });
  const post = async (body: unknown, key?: string) => {
    const response = await publish(
      new Request('http://host/api/publish', {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
      }),
    );
    return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') };
  };
  return { bus, here, there, publish, post };
}

describe('an accepted request', () => {
  test('publishes one event or an array, in order, by either path', async () => {
    const { chat, post } = await startApi();
    expect(await post(hello)).toEqual({ status: 202, body: { accepted: 1 } });
    expect(await post(events(3), {}, '/api/publish/chat')).toEqual({ status: 202, body: { accepted: 3 } });
    expect(await post([])).toEqual({ status: 202, body: { accepted: 0 } });
    expect(chat.seen).toEqual(['hello', '0', '1', '2']);
  });

  test('reaches the sessions', async () => {
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const { http, ws } = await serve({ engine, gateways: [chat], publishToken: token });
    const client = await openClient(`${ws}/ws`);
    client.send('lobby');
    expect(await client.next()).toBe('joined lobby');
    const headers = { authorization, 'content-type': 'application/json; charset=UTF-8' };
    await fetch(`${http}/api/publish`, { method: 'POST', headers, body: JSON.stringify(hello) });
    expect(await client.next()).toBe('hello');
  });

  test('holds 1000 events and no more', async () => {
    const { chat, post } = await startApi();
    expect((await post(events(999))).body).toEqual({ accepted: 999 });
    expect((await post(events(1000))).body).toEqual({ accepted: 1000 });
    expect((await post(events(1001))).status).toBe(413);
    expect(chat.seen).toHaveLength(1999);
  });

  test.each([-1, 0, 1])('holds 1 MiB and no more: %i bytes beyond', async (beyond) => {
    const { chat, post } = await startApi();
    const empty = JSON.stringify({ room: 'lobby', text: '' });
    const body = JSON.stringify({ room: 'lobby', text: 'x'.repeat(1024 * 1024 + beyond - empty.length) });
    expect((await post(body)).status).toBe(beyond > 0 ? 413 : 202);
    expect(chat.seen).toHaveLength(beyond > 0 ? 0 : 1);
  });

  test('is cut off at 1 MiB also when its length is not told', async () => {
    const engine = quietEngine();
    const chat = chatGateway(engine);
    const { http } = await serve({ engine, gateways: [chat], publishToken: token });
    const body = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 17; part++) controller.enqueue(new Uint8Array(64 * 1024).fill(32));
        controller.close();
      },
    });
    const headers = { authorization, 'content-type': 'application/json' };
    // The types of fetch do not know `duplex` yet, which streams need.
    const init = { method: 'POST', headers, body, duplex: 'half' };
    expect((await fetch(`${http}/api/publish`, init as RequestInit)).status).toBe(413);
    expect(chat.seen).toEqual([]);
  });

  test('is seen as a whole, once it is found valid, by a gateway that prepares its events', async () => {
    const requests: unknown[][] = [];
    const { here } = startHandler();
    const gateway = {
      name: 'chat',
      parse: here.parse,
      publish: here.publish,
      prepare: (events: readonly unknown[]) => {
        requests.push([...events]);
        return events.map((event) => ({ ...(event as object), text: `1 of ${events.length}` }));
      },
    };
    const { post } = startHandler({ gateway });
    expect((await post([hello, { room: 'lobby' }])).status).toBe(400);
    expect(await post(hello)).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(await post(events(2))).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect(requests).toEqual([[hello], events(2)]);
    expect(here.seen).toEqual(['1 of 1', '1 of 2', '1 of 2']);
  });

  test('leaves the event loop to others while a large array is at work', async () => {
    const { chat, post } = await startApi(quietEngine(), { parseMs: 1 });
    let turnsMeanwhile = 0;
    let atWork = true;
    const count = () => {
      turnsMeanwhile++;
      if (atWork) setImmediate(count);
    };
    setImmediate(count);
    const posted = post(events(100));
    await eventually(() => chat.seen.length > 0, 'the first event');
    const before = turnsMeanwhile;
    await posted;
    atWork = false;
    // 100 ms of work in slices of 5 ms: most of these turns were taken while events were parsed.
    expect(before).toBeGreaterThan(10);
    expect(chat.seen).toEqual(events(100).map(({ text }) => text));
  });
});

describe('a refused request', () => {
  test('names every bad field, and publishes nothing', async () => {
    const { chat, post } = await startApi();
    const { status, body } = await post([hello, { room: 1 }, 'x']);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'Nothing was published: not every event is valid',
      issues: [
        { path: '1.room', message: 'expected a string' },
        { path: '1.text', message: 'expected a string' },
        { path: '2', message: 'expected an object' },
      ],
    });
    expect((await post({ room: 'lobby' })).body).toMatchObject({ issues: [{ path: '0.text' }] });
    expect(chat.seen).toEqual([]);
  });

  test.each([63, 64])('is 400 when an event is nested too deeply: an object with %i levels in it', async (levels) => {
    const { chat, post } = await startApi();
    const body = `{"room":"lobby","text":"hello","more":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect((await post(body)).status).toBe(levels > 63 ? 400 : 202);
    expect((await post(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)).status).toBe(400);
    expect(chat.seen).toHaveLength(levels > 63 ? 0 : 1);
  });

  test('is answered briefly when everything is wrong', async () => {
    const { post } = await startApi();
    const { body } = await post(Array.from({ length: 1000 }, () => ({})));
    expect((body as { issues: unknown[] }).issues).toHaveLength(1000);
  });

  test('is 400 when it is no JSON, or no UTF-8', async () => {
    const { post } = await startApi();
    expect((await post('{"room":')).status).toBe(400);
    expect((await post('')).status).toBe(400);
    expect((await post(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  test.each([
    ['no token', ''],
    ['another scheme', `Basic ${token}`],
    ['another token', 'Bearer publish-token-0124'],
    ['the beginning of the token', `Bearer ${token.slice(0, -1)}`],
    ['more than the token', `Bearer ${token}x`],
    ['something short', 'Bearer x'],
  ])('is 401 with %s', async (_, given) => {
    const { chat, post } = await startApi();
    expect((await post(hello, { authorization: given })).status).toBe(401);
    expect(chat.seen).toEqual([]);
  });

  test.each<Record<string, string>>([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-encoding': 'gzip' },
  ])('is 415 with %o', async (headers) => {
    const { chat, post } = await startApi();
    expect((await post(hello, headers)).status).toBe(415);
    expect(chat.seen).toEqual([]);
  });

  test('is 405 with another method', async () => {
    const engine = quietEngine();
    const { http } = await serve({ engine, gateways: [chatGateway(engine)], publishToken: token });
    const response = await fetch(`${http}/api/publish`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test('is 404 when the API is off, for an unknown gateway, and where several could be meant', async () => {
    const off = quietEngine();
    const { http: without } = await serve({ engine: off, gateways: [chatGateway(off)] });
    const init = { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`${without}/api/publish`, init)).status).toBe(404);
    expect((await fetch(`${without}/api/publish/chat`, init)).status).toBe(404);

    const engine = quietEngine();
    const one = chatGateway(engine, { name: 'one', path: '/one' });
    const two = chatGateway(engine, { name: 'two', path: '/two' });
    const { http } = await serve({ engine, gateways: [one, two], publishToken: token });
    const body = JSON.stringify(hello);
    expect((await fetch(`${http}/api/publish`, { ...init, body })).status).toBe(404);
    expect((await fetch(`${http}/api/publish/three`, { ...init, body })).status).toBe(404);
    expect((await fetch(`${http}/api/publish/two`, { ...init, body })).status).toBe(202);
    expect([one.seen, two.seen]).toEqual([[], ['hello']]);
  });
});

describe('without the bus', () => {
  test('events are delivered here and the answer is 503', async () => {
    const { bus, here, there, post } = startHandler();
    bus.setStatus('down');
    const { status, body, retryAfter } = await post(events(2));
    expect(status).toBe(503);
    expect(body).toMatchObject({ accepted: 2, not_spread: 2 });
    expect(retryAfter).toBe('1');
    await turns(3);
    expect(here.seen).toEqual(['0', '1']);
    expect(there.seen).toEqual([]);
  });

  test('a repeat with the same key only spreads, as long as it takes', async () => {
    const { bus, here, there, post } = startHandler();
    bus.setStatus('down');
    expect((await post(events(3), 'key')).status).toBe(503);
    expect((await post(events(3), 'key')).status).toBe(503);
    bus.setStatus('up');
    expect(await post(events(3), 'key')).toMatchObject({ status: 202, body: { accepted: 3 } });
    expect(await post(events(3), 'key')).toMatchObject({ status: 202, body: { accepted: 3 } });
    await eventually(() => there.seen.length === 3, 'the events on the other instance');
    expect(there.seen).toEqual(['0', '1', '2']);
    expect(here.seen).toEqual(['0', '1', '2']);
  });
});

describe('an Idempotency-Key', () => {
  test('makes a repeat publish nothing and answer as before, for ten minutes', async () => {
    const clock = new ManualClock();
    const { here, post } = startHandler({ clock });
    expect(await post(hello, 'key')).toMatchObject({ status: 202, body: { accepted: 1 } });
    await clock.advance(10 * 60_000 - 1);
    expect(await post(hello, 'key')).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(here.seen).toEqual(['hello']);
    await clock.advance(1);
    expect((await post(hello, 'key')).status).toBe(202);
    expect(here.seen).toEqual(['hello', 'hello']);
  });

  test('counts for requests that come at the same time', async () => {
    const { here, post } = startHandler({ sliceMs: 0 });
    const answers = await Promise.all([post(events(5), 'key'), post(events(5), 'key'), post(events(5), 'key')]);
    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill({ accepted: 5 }));
    expect(here.seen).toHaveLength(5);
  });

  test('is 422 with another body, also while the first is at work', async () => {
    const { here, post } = startHandler();
    const [first, second] = await Promise.all([post(hello, 'key'), post(events(2), 'key')]);
    expect([first.status, second.status]).toEqual([202, 422]);
    expect((await post(events(1), 'key')).status).toBe(422);
    expect((await post(events(1), 'another-key')).status).toBe(202);
    expect(here.seen).toEqual(['hello', '0']);
  });

  test('is free again after a request that published nothing', async () => {
    const { here, post } = startHandler();
    expect((await post({ room: 'lobby' }, 'key')).status).toBe(400);
    expect((await post(hello, 'key')).status).toBe(202);
    expect(here.seen).toEqual(['hello']);
  });

  test.each(['', 'a b', 'x'.repeat(256), 'ü'])('is 400 when it is %j', async (key) => {
    const { here, post } = startHandler();
    expect((await post(hello, key)).status).toBe(400);
    expect((await post(hello, 'x'.repeat(255))).status).toBe(202);
    expect(here.seen).toEqual(['hello']);
  });

  test('is forgotten, the oldest first, when there are too many or they hold too much', async () => {
    const { here, post } = startHandler({ idempotency: { maxKeys: 2 } });
    for (const key of ['first', 'second', 'third']) await post(hello, key);
    expect(here.seen).toHaveLength(3);
    await post(hello, 'second');
    expect(here.seen).toHaveLength(3);
    await post(hello, 'first');
    expect(here.seen).toHaveLength(4);

    const { bus, here: alone, post: postAlone } = startHandler({ idempotency: { maxBytes: 3000 } });
    bus.setStatus('down');
    const large = { room: 'lobby', text: 'x'.repeat(2000) };
    await postAlone(large, 'first');
    await postAlone(large, 'second');
    await postAlone(large, 'second');
    expect(alone.seen).toHaveLength(2);
    await postAlone(large, 'first');
    expect(alone.seen).toHaveLength(3);
  });
});

test('the handler alone serves a node:http server, and tells its answers', async () => {
  const statuses: number[] = [];
  const { publish, here } = startHandler({ onAnswer: (status) => statuses.push(status) });
  const server = createServer(nodeHandler(publish));
  const { http, close } = await listen(server);
  onTestFinished(close);
  const headers = { authorization, 'content-type': 'application/json' };
  expect((await fetch(http, { method: 'POST', headers, body: JSON.stringify(hello) })).status).toBe(202);
  expect((await fetch(http, { method: 'POST', body: JSON.stringify(hello) })).status).toBe(401);
  expect(here.seen).toEqual(['hello']);
  expect(statuses).toEqual([202, 401]);
});

test('a publisher that fails is an error, and its key is free again', async () => {
  let fails = true;
  const { here } = startHandler();
  const publish = publishHandler({
    token,
    gateway: {
      name: 'chat',
      parse: here.parse,
      publish() {
        if (fails) throw new Error('broken');
        return here.publish(hello);
      },
    },
  });
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'key' };
  const post = () => publish(new Request('http://host/', { method: 'POST', headers, body: JSON.stringify(hello) }));
  await expect(post()).rejects.toThrow('broken');
  fails = false;
  expect((await post()).status).toBe(202);
  expect(here.seen).toEqual(['hello']);
});
