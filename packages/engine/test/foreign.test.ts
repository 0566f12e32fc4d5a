import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { eventually, listen, ManualClock, openClient, RecordingLogger, turns } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createEngine,
  type EngineOptions,
  type ForeignMountOptions,
  type ForeignSocket,
  type Held,
  MountConflictError,
  type Situation,
} from '../src/index.js';

/** A socket of a library that does what it is told at once. */
class PaperSocket implements ForeignSocket {
  readonly told: string[] = [];
  close = ({ code, reason }: { code: number; reason: string }) => void this.told.push(`close ${code} ${reason}`);
  terminate = () => void this.told.push('terminate');
}

function paper(options: Partial<ForeignMountOptions<string, number>> = {}, engineOptions: EngineOptions = {}) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const engine = createEngine({ clock, logger, ...engineOptions });
  const situations: Situation[] = [];
  const ended: string[] = [];
  const foreign = engine.mountForeign<string, number>({
    name: 'paper',
    paths: '/paper',
    pingIntervalMs: 0,
    upgrade: (_request, socket) => foreign.refuse(socket, { status: 418, body: 'mine', headers: {} }),
    wire: {
      farewell: (_session, situation) => {
        situations.push(situation);
        return undefined;
      },
      close: ({ data }, { code }) => ended.push(`${data} ${code}`),
    },
    ...options,
  });
  const open = (name = 'a') => {
    const socket = new PaperSocket();
    return { socket, session: foreign.open('192.0.2.1', socket, { data: name }) };
  };
  onTestFinished(() => engine.close());
  return { clock, logger, engine, foreign, situations, ended, open };
}

const held = (length: number): Held => ({ holders: 0, bytes: { length } });

describe('a foreign mount', () => {
  it('is handed the upgrades of its paths as they are; those of others are looked after as ever', async () => {
    const { engine, foreign } = paper({ origins: ['https://app.example.com'] });
    const server = createServer();
    engine.attach(server);
    const { ws, close } = await listen(server);
    onTestFinished(close);
    await expect(openClient(`${ws}/paper`, { origin: 'https://evil.example' })).rejects.toMatchObject({
      status: 418,
      body: 'mine',
    });
    await expect(openClient(`${ws}/other`)).rejects.toMatchObject({ status: 404 });
    expect(foreign.mount.stats().refused).toEqual({ 418: 1 });
  });

  it('has a name and paths of its own', () => {
    const { engine } = paper();
    const wire = {};
    const upgrade = (_request: unknown, socket: Duplex) => socket.destroy();
    expect(() => engine.mountForeign({ name: 'paper', paths: '/x', wire, upgrade })).toThrow(MountConflictError);
    expect(() => engine.mountForeign({ name: 'x', paths: '/paper', wire, upgrade })).toThrow(MountConflictError);
  });

  it('asks whether a connection may begin, and counts those that do', async () => {
    const { engine, foreign, open } = paper({ origins: ['https://app.example.com'] }, { maxConnectionsPerIp: 2 });
    const request = (origin: string) => {
      const read = foreign.read({
        url: '/paper?x=1',
        headers: { origin },
        socket: { remoteAddress: '192.0.2.1' },
      } as never);
      if (read === undefined) throw new Error('no request');
      return read;
    };
    expect(request('https://app.example.com')).toMatchObject({ path: '/paper', ip: '192.0.2.1' });
    expect(foreign.read({ url: 'nonsense', headers: {} } as never)).toBeUndefined();
    expect(foreign.refusal(request('https://app.example.com'))).toBeUndefined();
    expect(foreign.refusal(request('https://evil.example'))).toMatchObject({ status: 403 });
    expect([1, 2, 3].map(() => foreign.admit('192.0.2.1')?.status)).toEqual([undefined, undefined, 429]);
    foreign.release('192.0.2.1');
    expect(foreign.admit('192.0.2.1')).toBeUndefined();
    const { session } = open();
    expect(engine.stats()).toMatchObject({ sessions: 2, mounts: [{ sessions: 1, opened: 1 }] });
    session.ended({ code: 1005, reason: '' });
    expect(engine.stats()).toMatchObject({ sessions: 1, mounts: [{ sessions: 0, closed: { 1005: 1 } }] });
    await engine.close();
    expect(foreign.refusal(request('https://app.example.com'))).toMatchObject({ status: 503 });
  });

  it('gets nothing of what is delivered: frames are none of its', async () => {
    const { foreign, open } = paper();
    const { session, socket } = open();
    await session.join('hall');
    const encode = () => Buffer.from('a frame');
    expect(foreign.mount.deliver({ rooms: ['hall'] }, { encode })).toBe(0);
    session.send(encode());
    session.reply(encode());
    await turns(3);
    expect(socket.told).toEqual([]);
    expect(session.queuedBytes).toBe(0);
  });
});

describe('a foreign session', () => {
  it('is ended by its deadlines, by the application and by draining, with a farewell', async () => {
    const { clock, engine, foreign, situations, open, ended } = paper();
    const expiring = open('expiring');
    foreign.mount.identify(expiring.session, { id: 'ada', expiresAt: clock.now() + 5000 });
    const disconnected = open('disconnected');
    foreign.mount.identify(disconnected.session, { id: 'bob' });
    const last = open('last');
    await clock.advance(6000);
    foreign.mount.disconnect({ identity: 'bob' });
    const drained = engine.drain(1000);
    expect(situations).toEqual(['expired', 'disconnected', 'restart']);
    expect([expiring, disconnected, last].map(({ socket }) => socket.told)).toEqual([
      ['close 1008 token expired'],
      ['close 1008 disconnected by the server'],
      ['close 1012 service restart'],
    ]);
    for (const { session } of [expiring, disconnected, last]) session.ended({ code: 1005, reason: '' });
    await clock.advance(1000);
    await drained;
    expect(ended).toEqual(['expiring 1008', 'disconnected 1008', 'last 1012']);
  });

  it('that does not end when it is told to is cut off after five seconds', async () => {
    const { clock, open } = paper();
    const { session, socket } = open();
    session.dismiss('disconnected');
    await clock.advance(4000);
    expect(socket.told).toEqual(['close 1008 disconnected by the server']);
    await clock.advance(2000);
    expect(socket.told.at(-1)).toBe('terminate');
  });

  it('is too slow when more waits than may, and not for what its socket has been handed alone', async () => {
    const { open, logger, engine } = paper({ maxQueuedBytes: 100 });
    const { session, socket } = open();
    session.hold(held(1000));
    await turns(5);
    expect(session.queuedBytes).toBe(1000);
    const taken = session.handedOver();
    await turns(5);
    expect(socket.told).toEqual([]);
    session.hold(held(1));
    await turns(5);
    expect(socket.told).toEqual(['close 1013 reading too slowly']);
    expect(logger.text).toContain('a session reads too slowly');
    expect(engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0 });
    taken();
    expect(engine.stats().queuedBytes).toBe(0);
  });

  it('that takes what it is handed gets a burst, up to eight times of what may wait', async () => {
    const { open } = paper({ maxQueuedBytes: 100 });
    const { session, socket } = open();
    for (let count = 0; count < 8; count++) session.hold(held(90));
    session.handedOver()();
    expect(session.queuedBytes).toBe(0);
    await turns(3);
    // Something was taken since the queue became too long: it is looked at once more.
    session.hold(held(90));
    const taken = session.handedOver();
    for (let count = 0; count < 2; count++) session.hold(held(90));
    taken();
    await turns(1);
    session.handedOver()();
    await turns(3);
    expect(socket.told).toEqual([]);
    for (let count = 0; count < 9; count++) session.hold(held(90));
    expect(socket.told).toEqual(['close 1013 reading too slowly']);
  });

  it('counts in the process, what several share once, and the slowest goes first', async () => {
    const { open, engine, foreign } = paper({ maxQueuedBytes: 1e9 }, { maxQueuedBytesTotal: 1000 });
    const [slow, slower] = [open('slow'), open('slower')];
    const shared = held(600);
    slow.session.hold(shared);
    slower.session.hold(shared);
    expect(engine.stats()).toMatchObject({ queuedBytes: 600, blockedSessions: 2 });
    slower.session.hold(held(300));
    expect([slow.socket.told, slower.socket.told]).toEqual([[], []]);
    slow.session.hold(held(200));
    expect(slower.socket.told).toEqual(['close 1013 reading too slowly']);
    expect(slow.socket.told).toEqual([]);
    slow.session.ended({ code: 1005, reason: '' });
    slower.session.ended({ code: 1005, reason: '' });
    await eventually(() => engine.stats().queuedBytes === 0);
    expect(engine.stats().blockedSessions).toBe(0);
    slow.session.hold(held(10));
    expect(engine.stats().queuedBytes).toBe(0);
    expect(foreign.mount.stats().delivered).toBe(4);
  });
});
