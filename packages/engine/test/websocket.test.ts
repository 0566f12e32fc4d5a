import { eventually, ManualClock, openClient, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { clientFrame, type RawSocket, rawSocket } from './support/raw-socket.js';
import { ask, json, type RawServer, rawServer } from './support/raw-wire.js';

const closeOf = (code: number, reason = '') =>
  clientFrame(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

/** A connection whose client does only what the test says. */
async function opened(server: RawServer): Promise<RawSocket> {
  const socket = rawSocket({ port: server.port });
  await eventually(() => socket.status === 101);
  return socket;
}

describe('a client that closes', () => {
  it.each([
    ['with a code and a reason', closeOf(4001, 'späť'), { code: 4001, reason: 'späť' }],
    ['without a code', clientFrame(8, ''), { code: 1005, reason: '' }],
  ])('%s gets the same back, and its session ends with it', async (_what, close, reason) => {
    const server = await rawServer();
    const socket = await opened(server);
    socket.write(close);
    await eventually(() => socket.ended, 'the server’s half to end');
    expect(socket.frames.map(({ opcode }) => opcode)).toEqual([8]);
    const { payload } = socket.frames[0] as { payload: Buffer };
    if (reason.code === 1005) expect(payload.length).toBe(0);
    else expect([payload.readUInt16BE(0), payload.toString('utf8', 2)]).toEqual([reason.code, reason.reason]);
    socket.socket.end();
    await eventually(() => server.closes.length === 1);
    expect(server.closes).toEqual([reason]);
  });

  it('is heard no more, and nothing is sent to it after its close', async () => {
    const heard: unknown[] = [];
    const server = await rawServer({
      wire: {
        message: (session, message) => {
          heard.push(message);
          session.send(json('an answer'));
        },
      },
    });
    const socket = await opened(server);
    socket.write(Buffer.concat([clientFrame(1, 'before'), closeOf(1000), clientFrame(1, 'after')]));
    await eventually(() => socket.ended);
    await turns(5);
    expect(heard).toEqual(['before']);
    expect(socket.frames.at(-1)?.opcode).toBe(8);
  });

  it('and keeps the connection is cut off five seconds later', async () => {
    const clock = new ManualClock();
    const server = await rawServer({ engine: { clock } });
    const socket = await opened(server);
    socket.write(closeOf(1000));
    await eventually(() => socket.ended);
    await clock.advance(4000);
    expect(server.mount.sessions.size).toBe(1);
    await clock.advance(1000);
    await eventually(() => server.mount.sessions.size === 0);
    expect(server.closes).toEqual([{ code: 1000, reason: '' }]);
  });

  it('while the server closes, too, leaves one close each way', async () => {
    const server = await rawServer();
    const socket = await opened(server);
    server.session().close({ code: 4000, reason: 'mine' });
    socket.write(closeOf(1000));
    await eventually(() => socket.ended);
    expect(socket.frames.map(({ opcode }) => opcode)).toEqual([8]);
    socket.socket.end();
    await eventually(() => server.closes.length === 1);
    expect(server.closes).toEqual([{ code: 4000, reason: 'mine' }]);
  });
});

describe('a client that breaks off', () => {
  it('by ending its half without a close ends its session, with 1006', async () => {
    const server = await rawServer();
    const socket = await opened(server);
    socket.socket.end();
    await eventually(() => server.closes.length === 1);
    expect(server.closes).toEqual([{ code: 1006, reason: '' }]);
    expect(socket.ended).toBe(true);
  });

  it('by a reset ends its session, with 1006', async () => {
    const server = await rawServer();
    const socket = await opened(server);
    socket.socket.resetAndDestroy();
    await eventually(() => server.closes.length === 1);
    expect(server.closes).toEqual([{ code: 1006, reason: '' }]);
  });
});

describe('a client that breaks a rule', () => {
  it('gets what was queued for it, then why it is closed, then the end', async () => {
    const server = await rawServer();
    const socket = await opened(server);
    socket.write(Buffer.concat([clientFrame(1, '{"t":"echo","data":1}'), clientFrame(3, 'x'), closeOf(1000)]));
    await eventually(() => socket.ended);
    expect(socket.frames.map(({ opcode }) => opcode)).toEqual([1, 8]);
    expect(socket.frames[1]?.payload.readUInt16BE(0)).toBe(1002);
    socket.socket.end();
    await eventually(() => server.closes.length === 1);
    expect(server.closes).toEqual([{ code: 1002, reason: '' }]);
  });

  it('instead of answering the server’s close gets the end', async () => {
    const server = await rawServer();
    const socket = await opened(server);
    server.session().close({ code: 4000, reason: 'mine' });
    await eventually(() => socket.frames.length === 1);
    socket.write(clientFrame(3, 'x'));
    await eventually(() => socket.ended);
    expect(socket.frames).toHaveLength(1);
  });

  it('and never ends is cut off five seconds later, whatever it sends', async () => {
    const clock = new ManualClock();
    const server = await rawServer({ engine: { clock } });
    const socket = await opened(server);
    socket.write(clientFrame(3, 'x'));
    await eventually(() => socket.ended);
    socket.write(Buffer.alloc(100_000));
    await clock.advance(5000);
    await eventually(() => server.mount.sessions.size === 0);
  });
});

describe('a ping of the client', () => {
  it('is answered with its own payload, in its place among the replies', async () => {
    const server = await rawServer({ wire: { message: (session, message) => session.reply(json(message)) } });
    const socket = await opened(server);
    const [ping, emptyPing] = [clientFrame(9, 'are you there?'), clientFrame(9, '')];
    socket.write(Buffer.concat([clientFrame(1, 'one'), ping, clientFrame(1, 'two'), emptyPing]));
    await eventually(() => socket.frames.length === 4);
    const [first, pong, second, empty] = socket.frames;
    expect([first, pong, second, empty].map((frame) => frame?.opcode)).toEqual([1, 10, 1, 10]);
    expect(pong?.payload.toString()).toBe('are you there?');
    expect(empty?.payload).toHaveLength(0);
  });
});

describe('a message', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 1_000_000])(
    'of %i bytes comes through whole, as text and as bytes',
    async (size) => {
      const server = await rawServer({
        maxFrameBytes: 1_000_000,
        wire: { message: (session, message) => session.reply(json([typeof message, message.toString()])) },
      });
      const client = await openClient(server.url);
      const text = Array.from({ length: size }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
      expect(await ask(client, text)).toEqual(['string', text]);
      expect(await ask(client, Buffer.from(text))).toEqual(['object', text]);
    },
  );
});
