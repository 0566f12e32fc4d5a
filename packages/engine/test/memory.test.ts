import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../src/delivery/budget.js';
import { type Flushable, Flusher } from '../src/delivery/flush.js';
import { MemoryBroker, snapshotThenLive } from '../src/index.js';
import { collectGarbage } from './support/memory.js';
import { ask, json, type RawServer, rawServer } from './support/raw-wire.js';
import { block } from './support/slow-reader.js';

const alive = (refs: WeakRef<object>[]) => refs.filter((ref) => ref.deref() !== undefined).length;

/** Connects, does something with the session, disconnects, and leaves nothing of it but a weak reference. */
async function passing(server: RawServer, number: number): Promise<WeakRef<object>> {
  const client = await server.client(`id=${number}&name=${number}`);
  const session = server.session(String(number));
  const ref = new WeakRef<object>(session);
  await ask(client, { t: 'join', room: 'hall', topic: 'news' });
  await ask(client, { t: 'join', room: `own-${number}`, assigned: true });
  server.mount.publish('news', { rooms: ['hall'], data: number });
  switch (number % 4) {
    case 0:
      await client.close();
      break;
    case 1:
      client.socket.terminate();
      break;
    case 2:
      client.socket.pause();
      await block(server, session);
      session.send(json('waits'));
      client.socket.terminate();
      break;
    default:
      // A snapshot that never comes must not keep the session that asked for it.
      void snapshotThenLive(session, () => new Promise(() => {}));
      server.mount.publish('news', { rooms: ['hall'], data: 'held' });
      server.mount.disconnect({ identity: String(number) });
      await client.waitForClose();
  }
  return ref;
}

describe('memory', () => {
  it('is given back for sessions that have ended, however they did', async () => {
    const server = await rawServer({ engine: { bus: new MemoryBroker().connect() } });
    const refs: WeakRef<object>[] = [];
    for (let number = 0; number < 24; number++) refs.push(await passing(server, number));
    await eventually(() => server.engine.stats().sessions === 0);
    // The test's own list of sockets leads to their sessions, too.
    server.sockets.length = 0;
    await eventually(async () => {
      await collectGarbage();
      return alive(refs) === 0;
    }, 'the sessions to be let go of');
    expect(server.mount.stats()).toMatchObject({ rooms: 0, sessions: 0 });
  });

  it('does not grow while there is always somebody to write to', async () => {
    const flusher = new Flusher(new ByteBudget(1e6));
    const refs: WeakRef<object>[] = [];
    let going = true;
    // Each has the next one flushed before it is through, so that the list is never empty.
    const outbox = (number: number): Flushable => ({
      lane: 'none',
      flush: () => {
        if (going) flusher.schedule(remembered(number + 1), number % 2 === 0);
        return 1;
      },
    });
    const remembered = (number: number) => {
      const next = outbox(number);
      if (number < 100) refs.push(new WeakRef(next));
      return next;
    };
    for (let number = 0; number < 20; number++) flusher.schedule(remembered(number), number % 2 === 0);
    for (let slice = 0; slice < 40; slice++) await turns(1);
    await collectGarbage();
    expect(refs.length).toBeGreaterThan(90);
    expect(alive(refs)).toBe(0);
    going = false;
    await turns(2);
  });
});
