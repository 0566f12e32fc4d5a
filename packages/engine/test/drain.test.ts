import { eventually, ManualClock, openClient, type TestClient, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { rawSocket } from './support/raw-socket.js';
import { json, type RawServer, type RawServerOptions, rawServer } from './support/raw-wire.js';

async function serverWith(clients: number, options: RawServerOptions = {}) {
  const clock = new ManualClock();
  const server = await rawServer({ ...options, engine: { clock, ...options.engine } });
  const connected = await Promise.all(Array.from({ length: clients }, () => server.client()));
  return { clock, server, clients: connected };
}

/** How many sessions have been told to go. */
const leaving = (server: RawServer) =>
  server.mount.stats().opened - [...server.mount.sessions].filter(({ state }) => state === 'open').length;

/** Moves the clock until a promise is settled, and returns for how long. */
async function until(clock: ManualClock, promise: Promise<unknown>, stepMs = 20): Promise<number> {
  let settled = false;
  const start = clock.now();
  void promise.finally(() => {
    settled = true;
  });
  for (let step = 0; step < 5000 && !settled; step++) {
    await clock.advance(stepMs);
    await turns(2);
  }
  expect(settled).toBe(true);
  return clock.now() - start;
}

describe('a drain', () => {
  it('says goodbye with 1012 and is done as soon as all have gone', async () => {
    const { clock, server, clients } = await serverWith(5);
    const drained = server.engine.drain();
    for (const client of clients)
      expect(await client.waitForClose()).toEqual({ code: 1012, reason: 'service restart' });
    expect(await until(clock, drained)).toBeLessThan(1000);
    expect(server.engine.stats()).toMatchObject({ draining: true, sessions: 0 });
    expect(server.mount.stats().closed).toEqual({ 1012: 5 });
  });

  it('is at once where there is nobody', async () => {
    const { server } = await serverWith(0);
    await server.engine.drain();
  });

  it('sends what is queued before the goodbye', async () => {
    const { clock, server, clients } = await serverWith(1);
    server.session().send(json('last words'));
    const drained = server.engine.drain();
    expect(await clients[0]?.nextJson()).toBe('last words');
    expect((await clients[0]?.waitForClose())?.code).toBe(1012);
    await until(clock, drained);
  });

  it('spreads the goodbyes of many over most of its time', async () => {
    const { clock, server } = await serverWith(250);
    const drained = server.engine.drain(1000);
    await turns(5);
    expect(leaving(server)).toBe(100);
    await clock.advance(100);
    expect(leaving(server)).toBe(200);
    await clock.advance(100);
    expect(leaving(server)).toBe(250);
    await until(clock, drained);
  });

  it('refuses upgrades with 503 from its first moment on', async () => {
    const { clock, server } = await serverWith(1);
    const drained = server.engine.drain();
    await expect(openClient(server.url)).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(server.mount.stats().refused).toEqual({ 503: 1 });
    await until(clock, drained);
  });

  it('cuts off whoever is not gone when its time is over', async () => {
    const { clock, server } = await serverWith(0);
    const stuck = rawSocket({ port: server.port });
    await eventually(() => stuck.status === 101);
    const drained = server.engine.drain(2000);
    await clock.advance(1900);
    expect(server.engine.stats().sessions).toBe(1);
    const took = await until(clock, drained);
    expect(took).toBeLessThanOrEqual(200);
    await eventually(() => stuck.ended && server.engine.stats().sessions === 0);
    expect(server.closes).toEqual([{ code: 1012, reason: 'service restart' }]);
  });

  it('is the same one when it is asked for twice', async () => {
    const { clock, server } = await serverWith(1);
    const first = server.engine.drain();
    expect(server.engine.drain()).toBe(first);
    await until(clock, first);
  });
});

describe('closing an engine', () => {
  it('cuts everybody off at once and takes no more', async () => {
    const { server, clients } = await serverWith(2);
    await server.engine.close();
    for (const client of clients) expect((await (client as TestClient).waitForClose()).code).toBe(1006);
    await eventually(() => server.engine.stats().sessions === 0);
    await expect(openClient(server.url)).rejects.toMatchObject({ status: 503 });
  });

  it('leaves no timer behind', async () => {
    const { clock, server } = await serverWith(1, { idleTimeoutMs: 1000 });
    expect(clock.pending).toBeGreaterThan(0);
    await server.engine.close();
    expect(clock.pending).toBe(0);
  });
});
