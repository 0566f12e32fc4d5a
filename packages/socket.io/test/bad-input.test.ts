import { eventually, next } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { Poller, rawConnected, rawSocket } from './support/raw.js';
import { connected, start } from './support/servers.js';

async function echoServer() {
  const instance = await start({ maxMessages: 0 });
  const seen: unknown[][] = [];
  instance.realtime.io.on('connection', (socket) => {
    socket.onAny((...event) => seen.push(event));
    socket.on('echo', (value, answer) => answer?.(value));
  });
  const works = async () => {
    const socket = await connected(instance.client({ transports: ['websocket'] }));
    expect(await socket.emitWithAck('echo', 1)).toBe(1);
    socket.disconnect();
  };
  return { instance, seen, works };
}

/** JSON that is nested deeper than a recursive reader bears. */
const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;

describe('a packet that ends the connection and nothing else', () => {
  it.each([
    ['of an unknown type', '49'],
    ['that is no JSON', '42["x"'],
    ['that is no list', '42{}'],
    ['without a name', '42[]'],
    ['with a reserved name', '42["disconnect"]'],
    ['with another reserved name', '42["newListener"]'],
    ['with a name that is none', '42[{}]'],
    ['with many attachments', `4599999-["x",{"_placeholder":true,"num":0}]`],
    ['with attachments in no number', '45x-["x"]'],
    ['with too many attachments', '4511-["x"]'],
    ['that connects once more', '40{}'],
    ['that connects with a list', '40[]'],
    ['that is the answer of a server', '44{}'],
    ['for a namespace it is not in', '42/other,["x"]'],
    ['with text where bytes should come', '451-["x",{"_placeholder":true,"num":0}]', '42["y"]'],
    ['that is the ping of a server', '2'],
    ['of Engine.IO that is none', 'x'],
    ['with a placeholder that leads nowhere', '451-["x",{"_placeholder":true,"num":7}]', Buffer.from('a')],
    ['of bytes that belong to none', Buffer.from('bytes')],
    ['that is deep, with bytes', `451-["x",{"_placeholder":true,"num":0},${deep}]`, Buffer.from('a')],
  ])('%s', async (_name, ...packets) => {
    const { instance, works, seen } = await echoServer();
    const client = await rawConnected(instance);
    for (const packet of packets) client.send(packet);
    await client.waitForClose();
    await eventually(() => instance.engine.stats().sessions === 0, 'it is gone');
    expect(seen).toEqual([]);
    await works();
  });

  it.each(['9', '42["x"', 'garbage', '\u001e\u001e', '4', ''])('over polling: %j', async (body) => {
    const { instance, works } = await echoServer();
    const poller = await new Poller(instance).open();
    await poller.post('40');
    await poller.poll();
    await poller.post(body);
    const after = await poller.post('42["echo"]');
    expect([200, 400]).toContain(after);
    await works();
  });
});

describe('a packet that does no harm', () => {
  it.each([
    ['an event called error', '42["error","boom"]', ['error', 'boom']],
    ['an event called __proto__', '42["__proto__",{"__proto__":{"polluted":1}}]', ['__proto__', expect.anything()]],
    ['an event called constructor', '42["constructor"]', ['constructor']],
    ['an event with a number for a name', '42[0]', [0]],
    ['an answer to a question nobody asked', '43999["x"]', undefined],
    ['an acknowledgement asked for of an event nobody listens to', '427["unknown"]', ['unknown', expect.anything()]],
    ['a deep event', `42["deep",${deep}]`, ['deep', expect.anything()]],
    ['an enormous acknowledgement id', `42${'9'.repeat(400)}["big"]`, ['big', expect.anything()]],
  ])('%s', async (_name, packet, event) => {
    const { instance, works, seen } = await echoServer();
    const client = await rawConnected(instance);
    client.send(packet);
    client.send('421["echo","still here"]');
    expect(await client.next()).toBe('431["still here"]');
    expect(seen.slice(0, -1)).toEqual(event === undefined ? [] : [event]);
    expect(Object.prototype).not.toHaveProperty('polluted');
    await works();
  });

  it('bytes arrive as they are', async () => {
    const { instance } = await echoServer();
    const socket = await connected(instance.client());
    expect(Buffer.from(await socket.emitWithAck('echo', Buffer.from('bytes')))).toEqual(Buffer.from('bytes'));
  });
});

describe('a connection that asks to be let in again and again', () => {
  it('is asked who it is once at a time', async () => {
    let asked = 0;
    let letIn = () => {};
    const waiting = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const instance = await start({
      authenticate: async () => {
        asked++;
        await waiting;
        return { id: 'ada' };
      },
    });
    const client = await rawSocket(instance);
    for (let count = 0; count < 20; count++) client.send('40');
    for (let count = 0; count < 19; count++) {
      expect(await client.next()).toBe('44{"message":"the connection is in this namespace, or about to be"}');
    }
    letIn();
    expect(await client.next()).toMatch(/^40\{"sid"/);
    expect(asked).toBe(1);
    expect(instance.realtime.io.sockets.sockets.size).toBe(1);
  });

  it('and is refused is asked who it is no more: that takes another connection', async () => {
    let asked = 0;
    const instance = await start({
      authenticate: () => {
        asked++;
        throw new Error('who are you');
      },
    });
    const client = await rawSocket(instance);
    client.send('40');
    expect(await client.next()).toBe('44{"message":"who are you"}');
    for (let count = 0; count < 20; count++) {
      client.send('40');
      expect(await client.next()).toBe('44{"message":"the connection was refused: connect anew"}');
    }
    expect(asked).toBe(1);
    const socket = instance.client({ transports: ['websocket'] });
    for (let attempt = 2; attempt <= 3; attempt++) {
      const error = next<Error>(socket, 'connect_error');
      socket.connect();
      expect((await error).message).toBe('who are you');
      expect(asked).toBe(attempt);
    }
  });

  it('and is refused in one namespace is in the other, and may ask again', async () => {
    const instance = await start({
      authenticate: ({ nsp }) => {
        if (nsp.name === '/secret') throw new Error('not you');
        return undefined;
      },
    });
    instance.realtime.io.of('/secret');
    for (const order of [
      ['40', '40/secret,'],
      ['40/secret,', '40'],
    ]) {
      const client = await rawSocket(instance);
      for (const packet of order) client.send(packet);
      const answers = [String(await client.next()), String(await client.next())].sort();
      expect(answers).toEqual([expect.stringMatching(/^40\{"sid"/), '44/secret,{"message":"not you"}']);
      client.send('40/secret,');
      expect(await client.next()).toBe('44/secret,{"message":"not you"}');
    }
  });

  it('and is let in twice at last ends: a namespace has one socket of a connection', async () => {
    const instance = await start();
    const asked: (() => void)[] = [];
    instance.realtime.io.use((_socket, next) => {
      asked.push(next);
    });
    const client = await rawSocket(instance);
    for (const times of [1, 2]) {
      client.send('40');
      await eventually(() => asked.length === times, 'it asks');
    }
    for (const letIn of asked) letIn();
    await client.waitForClose();
    await eventually(() => instance.engine.stats().sessions === 0, 'it is gone');
    expect(instance.realtime.io.sockets.sockets.size).toBe(0);
    expect(instance.realtime.mount.rooms.size).toBe(0);
  });

  it('gets no session that it may not have: neither the places of others nor what is no session id', async () => {
    const instance = await start();
    for (const sid of ['__proto__', 'constructor', 'toString', 'x'.repeat(5000), '%00']) {
      const answer = await fetch(`${instance.http}/socket.io/?EIO=4&transport=polling&sid=${sid}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ code: 1, message: 'Session ID unknown' });
    }
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'POST'])('by %s begins nothing', async (method) => {
    const instance = await start({}, { maxConnectionsPerIp: 1 });
    const answer = await fetch(`${instance.http}/socket.io/?EIO=4&transport=polling`, { method });
    expect(answer.status).toBe(400);
    await connected(instance.client());
  });

  it('polls twice at a time, and is cut off', async () => {
    const instance = await start();
    const poller = await new Poller(instance).open();
    // Either may be the one that arrives first.
    const answers = await Promise.all([fetch(poller.address), fetch(poller.address)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    await eventually(() => instance.realtime.mount.sessions.size === 0, 'it is gone');
  });
});
