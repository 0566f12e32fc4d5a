import { eventually, ManualClock } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { Deadlines } from '../src/deadlines.js';
import type { Situation } from '../src/index.js';
import { clientFrame, rawSocket } from './support/raw-socket.js';
import { ask, json, type RawServerOptions, rawServer } from './support/raw-wire.js';

const seconds = (count: number) => count * 1000;

async function timed(options: RawServerOptions = {}) {
  const clock = new ManualClock();
  const server = await rawServer({ ...options, engine: { clock, ...options.engine } });
  return { clock, server };
}

const ping = 9;

describe('a silent client', () => {
  it('is closed with 1001 when its time is up, and not a second earlier', async () => {
    const { clock, server } = await timed({ idleTimeoutMs: seconds(30) });
    const client = await server.client();
    await clock.advance(seconds(29));
    expect(server.session().state).toBe('open');
    await clock.advance(seconds(1));
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: 'idle' });
    await eventually(() => server.mount.stats().closed[1001] === 1);
  });

  it('has its whole time again after each message and each ping of its own', async () => {
    const { clock, server } = await timed({ idleTimeoutMs: seconds(30) });
    const client = await server.client();
    await clock.advance(seconds(20));
    await ask(client, { t: 'echo', data: 1 });
    await clock.advance(seconds(20));
    const session = server.session();
    client.socket.ping();
    await eventually(() => session.lastReceivedAt === clock.now());
    await clock.advance(seconds(29));
    expect(session.state).toBe('open');
    await clock.advance(seconds(1));
    expect((await client.waitForClose()).code).toBe(1001);
  });

  it('gains nothing by answering pings', async () => {
    const { clock, server } = await timed({ idleTimeoutMs: seconds(30), pingIntervalMs: seconds(4) });
    const client = await server.client();
    const session = server.session();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let second = 0; second < 29; second++) {
      await clock.advance(seconds(1));
      await eventually(() => session.pingedAt === 0, 'the pong');
      expect(session.state).toBe('open');
    }
    expect(pings).toBeGreaterThanOrEqual(5);
    await clock.advance(seconds(1));
    expect(await client.waitForClose()).toEqual({ code: 1001, reason: 'idle' });
  });

  it('may be silent for ever where no time is given', async () => {
    const { clock, server } = await timed({ idleTimeoutMs: 0, pingIntervalMs: 0 });
    const client = await server.client();
    await clock.advance(seconds(5000));
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });
});

describe('a ping', () => {
  it('is sent when nothing has come for the interval, and the session ends with 1001 when nothing answers', async () => {
    const { clock, server } = await timed({ pingIntervalMs: seconds(10) });
    const socket = rawSocket({ port: server.port });
    await eventually(() => socket.status === 101);
    await clock.advance(seconds(9));
    expect(socket.frames).toEqual([]);
    await clock.advance(seconds(1));
    await eventually(() => socket.frames.length === 1);
    expect(socket.frames[0]?.opcode).toBe(ping);
    await clock.advance(seconds(9));
    expect(server.session().state).toBe('open');
    await clock.advance(seconds(1));
    await eventually(() => socket.frames.length === 2);
    expect(socket.frames[1]?.payload.readUInt16BE(0)).toBe(1001);
    expect(socket.frames[1]?.payload.toString('utf8', 2)).toBe('no pong');
  });

  it.each([
    ['a pong', clientFrame(10, '')],
    ['a message', clientFrame(1, '{"t":"echo","data":1}')],
    ['a ping of its own', clientFrame(9, '')],
  ])('is answered by %s', async (_what, answer) => {
    const { clock, server } = await timed({ pingIntervalMs: seconds(10) });
    const socket = rawSocket({ port: server.port });
    await eventually(() => socket.status === 101);
    const session = server.session();
    for (let round = 1; round <= 4; round++) {
      await clock.advance(seconds(10));
      await eventually(() => socket.frames.filter(({ opcode }) => opcode === ping).length === round);
      socket.write(answer);
      await eventually(() => session.pingedAt === 0);
    }
    expect(session.state).toBe('open');
  });

  it('is not sent to a client that is active', async () => {
    const { clock, server } = await timed({ pingIntervalMs: seconds(10) });
    const client = await server.client();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let round = 0; round < 6; round++) {
      await clock.advance(seconds(6));
      await ask(client, { t: 'echo', data: round });
    }
    expect(pings).toBe(0);
  });
});

describe('a session that has to say who it is', () => {
  const authenticateWithin = (ms: number): RawServerOptions => ({
    wire: {
      open: (session) => {
        session.authenticateBy = session.connectedAt + ms;
      },
    },
  });

  it('is closed with 1008 when it has not in time', async () => {
    const { clock, server } = await timed(authenticateWithin(seconds(10)));
    const client = await server.client();
    await ask(client, { t: 'echo', data: 1 });
    await clock.advance(seconds(9));
    expect(server.session().state).toBe('open');
    await clock.advance(seconds(1));
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'authentication timeout' });
  });

  it('stays when it has', async () => {
    const { clock, server } = await timed(authenticateWithin(seconds(10)));
    const client = await server.client();
    await clock.advance(seconds(9));
    expect(server.mount.identify(server.session(), { id: 'ada' })).toBe(true);
    await clock.advance(seconds(60));
    expect(await ask(client, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });
});

describe('credentials that expire', () => {
  const expiringIn = (clock: ManualClock, ms: number): RawServerOptions => ({
    wire: { accept: () => ({ data: { name: '' }, identity: { id: 'ada', expiresAt: clock.now() + ms } }) },
  });

  it('end the session with 1008 at that time', async () => {
    const clock = new ManualClock();
    const { server } = await timed({ engine: { clock }, ...expiringIn(clock, seconds(60)) });
    const client = await server.client();
    await clock.advance(seconds(59));
    expect(server.session().state).toBe('open');
    await clock.advance(seconds(1));
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'token expired' });
  });

  it('that are renewed in time last until their new end', async () => {
    const clock = new ManualClock();
    const { server } = await timed({ engine: { clock }, ...expiringIn(clock, seconds(60)) });
    const client = await server.client();
    await clock.advance(seconds(50));
    server.mount.identify(server.session(), { id: 'ada', expiresAt: clock.now() + seconds(60) });
    await clock.advance(seconds(59));
    expect(server.session().state).toBe('open');
    await clock.advance(seconds(1));
    expect((await client.waitForClose()).code).toBe(1008);
  });
});

describe('a farewell of the wire', () => {
  it('has the last word: a last message, another code, another reason', async () => {
    const said: Situation[] = [];
    const { clock, server } = await timed({
      idleTimeoutMs: seconds(30),
      wire: {
        farewell: (session, situation) => {
          said.push(situation);
          session.send(json({ t: 'goodbye', because: situation }));
          return { code: 4001, reason: 'see you' };
        },
      },
    });
    const client = await server.client();
    await clock.advance(seconds(30));
    expect(await client.nextJson()).toEqual({ t: 'goodbye', because: 'idle' });
    expect(await client.waitForClose()).toEqual({ code: 4001, reason: 'see you' });
    await eventually(() => server.mount.stats().closed[4001] === 1);
    expect(said).toEqual(['idle']);
  });

  it('may leave the code to the engine, and is not asked when the wire closes of its own accord', async () => {
    const said: Situation[] = [];
    const { server } = await timed({
      wire: {
        farewell: (_session, situation) => {
          said.push(situation);
          return undefined;
        },
      },
    });
    const one = await server.client('id=ada');
    const two = await server.client('name=two');
    server.session('two').close({ code: 4000, reason: 'mine' });
    expect(await two.waitForClose()).toEqual({ code: 4000, reason: 'mine' });
    server.mount.disconnect({ identity: 'ada' });
    expect(await one.waitForClose()).toEqual({ code: 1008, reason: 'disconnected by the server' });
    expect(said).toEqual(['disconnected']);
  });
});

describe('thousands of sessions', () => {
  it('are looked at in slices, and each is still ended in its time', async () => {
    const clock = new ManualClock();
    const ended: number[] = [];
    const sessions = Array.from({ length: 3500 }, (_, number) => ({
      host: { limits: { idleTimeoutMs: seconds(10), pingIntervalMs: 0 } },
      state: 'open',
      expiresAt: 0,
      authenticateBy: 0,
      lastReceivedAt: clock.now(),
      dismiss: () => ended.push(number),
    }));
    const sweeps: number[] = [];
    const deadlines = new Deadlines(
      clock,
      seconds(1),
      () => sessions as never,
      (now) => sweeps.push(now),
    );
    await clock.advance(seconds(9));
    expect(ended).toEqual([]);
    const before = sweeps.length;
    for (const session of sessions) session.lastReceivedAt -= seconds(1);
    deadlines.sweep();
    // One slice at once, the others in turns of their own.
    expect(ended.length).toBe(1000);
    deadlines.sweep();
    expect(ended.length).toBe(1000);
    await eventually(() => sweeps.length === before + 1);
    expect(ended).toEqual(Array.from({ length: 3500 }, (_, number) => number));
    deadlines.stop();
  });
});
