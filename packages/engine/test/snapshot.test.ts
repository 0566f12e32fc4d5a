import { eventually, ManualClock, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotThenLive } from '../src/index.js';
import { ask, json, type RawServerOptions, rawServer } from './support/raw-wire.js';

async function member(options: RawServerOptions = {}) {
  const server = await rawServer(options);
  const client = await server.member('hall');
  const publish = (data: unknown) => server.mount.publish('news', { rooms: ['hall'], data });
  return { server, client, session: server.session(), publish };
}

/** A load that the test finishes. */
function loading() {
  let finish = (_frames: Iterable<Buffer>) => {};
  let fail = (_error: Error) => {};
  const load = () =>
    new Promise<Iterable<Buffer>>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
  return { load, finish: (frames: Iterable<Buffer>) => finish(frames), fail: (error: Error) => fail(error) };
}

const event = (data: unknown) => ({ t: 'event', data });

describe('a snapshot that is there at once', () => {
  it('comes before the events that follow it in the same tick, and after those before', async () => {
    const { client, session, publish } = await member();
    publish('before');
    expect(snapshotThenLive(session, () => [json('snapshot 1'), json('snapshot 2')])).toBeUndefined();
    publish('after');
    for (const message of [event('before'), 'snapshot 1', 'snapshot 2', event('after')]) {
      expect(await client.nextJson()).toEqual(message);
    }
  });

  it('may be empty', async () => {
    const { client, session, publish } = await member();
    void snapshotThenLive(session, () => []);
    publish('after');
    expect(await client.nextJson()).toEqual(event('after'));
  });
});

describe('a snapshot that takes its time', () => {
  it('comes before the events of that time, which all follow in order', async () => {
    const { client, session, publish } = await member();
    const { load, finish } = loading();
    const done = snapshotThenLive(session, load);
    for (let number = 0; number < 5; number++) {
      publish(number);
      await turns(2);
    }
    expect(client.received).toEqual([]);
    expect(session.queuedBytes).toBeGreaterThan(0);
    finish([json('snapshot')]);
    await done;
    publish(5);
    expect(await client.nextJson()).toBe('snapshot');
    for (let number = 0; number <= 5; number++) expect(await client.nextJson()).toEqual(event(number));
    expect(session.queuedBytes).toBe(0);
  });

  it('keeps no reply waiting', async () => {
    const { client, session, publish } = await member();
    const { load, finish } = loading();
    const done = snapshotThenLive(session, load);
    publish(1);
    expect(await ask(client, { t: 'echo', data: 'quick' })).toEqual({ t: 'echo', data: 'quick' });
    finish([json('snapshot')]);
    await done;
    expect(await client.nextJson()).toBe('snapshot');
    expect(await client.nextJson()).toEqual(event(1));
  });

  it('and the events after it give what was there, with nothing lost and nothing twice, however they fall', async () => {
    const { server, client, session } = await member();
    const step = fc.record({ events: fc.nat({ max: 4 }), turns: fc.nat({ max: 2 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 5 }),
        fc.array(step, { maxLength: 5 }),
        fc.array(step, { maxLength: 5 }),
        fc.option(fc.nat({ max: 3 })),
        async (before, during, after, loadTurns) => {
          const state: number[] = [];
          const run = async (steps: typeof before) => {
            for (const { events, turns: pause } of steps) {
              for (let count = 0; count < events; count++) {
                state.push(state.length);
                server.mount.publish('news', { rooms: ['hall'], data: state.length - 1 });
              }
              await turns(pause);
            }
          };
          await run(before);
          const missed = state.length;
          const snapshot = () => [json({ t: 'snapshot', state: [...state] })];
          const done =
            loadTurns === null
              ? snapshotThenLive(session, snapshot)
              : snapshotThenLive(session, () => {
                  const frames = snapshot();
                  return turns(loadTurns).then(() => frames);
                });
          await run(during);
          await done;
          await run(after);
          session.reply(json('end'));
          for (let number = 0; number < missed; number++) expect(await client.nextJson()).toEqual(event(number));
          const first = await client.nextJson<{ state: number[] }>();
          const seen = [...first.state];
          for (let next = await client.nextJson<never>(); next !== 'end'; next = await client.nextJson<never>()) {
            seen.push((next as { data: number }).data);
          }
          expect(seen).toEqual(state);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that fails is the caller’s to hear of, and the events of that time are not lost', async () => {
    const { client, session, publish } = await member();
    const { load, fail } = loading();
    const done = expect(Promise.resolve(snapshotThenLive(session, load))).rejects.toThrow('no database');
    publish(1);
    fail(new Error('no database'));
    await done;
    publish(2);
    for (const number of [1, 2]) expect(await client.nextJson()).toEqual(event(number));
  });

  it('that fails in a handler ends the session with 1011', async () => {
    const server = await rawServer({
      wire: { message: (session) => snapshotThenLive(session, () => Promise.reject(new Error('no database'))) },
    });
    const client = await server.client();
    client.send('snapshot, please');
    expect((await client.waitForClose()).code).toBe(1011);
  });

  it('comes to nothing when its session closes meanwhile', async () => {
    const { server, client, session, publish } = await member();
    const { load, finish } = loading();
    const done = snapshotThenLive(session, load);
    publish(1);
    session.close({ code: 4000, reason: 'bye' });
    finish([json('snapshot')]);
    await done;
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'bye' });
    expect(client.received).toEqual([]);
    expect(server.mount.stats().failures).toBe(0);
  });
});

describe('a load that breaks', () => {
  function* broken() {
    yield json('first part');
    throw new Error('broken');
  }

  it('before it has begun, or half-way, sends what it had and holds nothing back', async () => {
    const { client, session, publish } = await member();
    const breaks = () => {
      throw new Error('broken');
    };
    expect(() => snapshotThenLive(session, breaks)).toThrow('broken');
    expect(() => snapshotThenLive(session, broken)).toThrow('broken');
    publish(1);
    expect(await client.nextJson()).toBe('first part');
    expect(await client.nextJson()).toEqual(event(1));
  });

  it('half-way through an asynchronous one holds nothing back either', async () => {
    const { client, session, publish } = await member();
    const { load, finish } = loading();
    const done = expect(Promise.resolve(snapshotThenLive(session, load))).rejects.toThrow('broken');
    publish(1);
    finish(broken());
    await done;
    publish(2);
    expect(await client.nextJson()).toBe('first part');
    for (const number of [1, 2]) expect(await client.nextJson()).toEqual(event(number));
  });
});

describe('two snapshots at once', () => {
  it('both come before the events of their time', async () => {
    const { client, session, publish } = await member();
    const [slow, quick] = [loading(), loading()];
    const done = [snapshotThenLive(session, slow.load), snapshotThenLive(session, quick.load)];
    publish(1);
    quick.finish([json('quick')]);
    await done[1];
    expect(await client.nextJson()).toBe('quick');
    publish(2);
    await turns(5);
    expect(client.received).toEqual([]);
    slow.finish([json('slow')]);
    await done[0];
    publish(3);
    expect(await client.nextJson()).toBe('slow');
    for (const number of [1, 2, 3]) expect(await client.nextJson()).toEqual(event(number));
  });

  it('of which one fails still hold the events for the other', async () => {
    const { client, session, publish } = await member();
    const [failing, other] = [loading(), loading()];
    const failed = expect(Promise.resolve(snapshotThenLive(session, failing.load))).rejects.toThrow('broken');
    const done = snapshotThenLive(session, other.load);
    publish(1);
    failing.fail(new Error('broken'));
    await failed;
    await turns(5);
    expect(client.received).toEqual([]);
    other.finish([json('snapshot')]);
    await done;
    expect(await client.nextJson()).toBe('snapshot');
    expect(await client.nextJson()).toEqual(event(1));
  });
});

describe('the events that wait for a snapshot', () => {
  it('are limited in bytes: a session that would have too many is closed with 1013', async () => {
    const { client, session, publish } = await member({ maxQueuedBytes: 100_000 });
    const { load, finish } = loading();
    const done = snapshotThenLive(session, load);
    for (let number = 0; number < 9; number++) publish('x'.repeat(10_000));
    expect(session.state).toBe('open');
    expect(session.queuedBytes).toBeGreaterThan(90_000);
    publish('x'.repeat(10_000));
    expect(session.state).toBe('closing');
    expect(session.queuedBytes).toBe(0);
    expect(await client.waitForClose()).toEqual({ code: 1013, reason: 'reading too slowly' });
    finish([json('snapshot')]);
    await done;
  });

  it('may be one of any size', async () => {
    const { client, session, publish } = await member({ maxQueuedBytes: 1000 });
    const { load, finish } = loading();
    const done = snapshotThenLive(session, load);
    publish('x'.repeat(100_000));
    finish([json('snapshot')]);
    await done;
    expect(await client.nextJson()).toBe('snapshot');
    expect(await client.nextJson()).toEqual(event('x'.repeat(100_000)));
  });
});

describe('a snapshot that is larger than what a session may have waiting', () => {
  const parts = 400;
  const part = (number: number) => json({ number, padding: 'x'.repeat(50_000) });

  it('is sent as fast as the client reads, and produced no faster', async () => {
    const { client, session, publish } = await member({ engine: { clock: new ManualClock() } });
    let produced = 0;
    function* snapshot() {
      for (; produced < parts; produced++) yield part(produced);
    }
    client.socket.pause();
    const done = snapshotThenLive(session, snapshot);
    await turns(50);
    publish('after');
    const before = produced;
    expect(before).toBeLessThan(parts);
    expect(session.state).toBe('open');
    await turns(50);
    expect(produced).toBe(before);
    expect(session.queuedBytes).toBeLessThan(1024 * 1024);
    client.socket.resume();
    for (let number = 0; number < parts; number++) expect(await client.nextJson()).toMatchObject({ number });
    expect(await client.nextJson()).toEqual(event('after'));
    await done;
  });

  it('is no longer produced when its session has gone', async () => {
    const { server, client, session } = await member();
    let produced = 0;
    function* snapshot() {
      for (; produced < parts; produced++) yield part(produced);
    }
    client.socket.pause();
    const done = snapshotThenLive(session, snapshot);
    await turns(50);
    client.socket.terminate();
    await eventually(() => server.closes.length === 1);
    await done;
    expect(produced).toBeLessThan(parts);
  });
});
