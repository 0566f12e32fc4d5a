import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/index.js';
import { json, rawServer } from './support/raw-wire.js';

/** A handler that waits at each message until it is let go. */
function gate() {
  const seen: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    seen,
    get atWork() {
      return waiting.length;
    },
    handle: (_session: unknown, message: Message) => {
      seen.push(String(message));
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
    async release() {
      await eventually(() => waiting.length > 0, 'a message at work');
      waiting.shift()?.();
      await turns(2);
    },
  };
}

describe('the messages of a session', () => {
  it('are handled one after the other, in order, when the handler is asynchronous', async () => {
    const { seen, release, handle, ...state } = gate();
    void state;
    const server = await rawServer({ wire: { message: handle } });
    const client = await server.client();
    for (const text of ['a', 'b', 'c']) client.send(text);
    await release();
    expect(seen).toEqual(['a', 'b']);
    await release();
    expect(seen).toEqual(['a', 'b', 'c']);
    await release();
  });

  it('are handled in the order they came when some handlers are quick and some slow', async () => {
    const done: number[] = [];
    const server = await rawServer({
      maxMessages: 0,
      wire: {
        message: (session, message) => {
          const number = Number(message);
          const finish = () => {
            done.push(number);
            session.reply(json(number));
          };
          if (number % 3 === 0) return finish();
          return turns(number % 3).then(finish);
        },
      },
    });
    const client = await server.client();
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    for (const number of numbers) client.send(String(number));
    for (const number of numbers) expect(await client.nextJson()).toBe(number);
    expect(done).toEqual(numbers);
  });

  it('are handled at once, in the turn they come, when the handler is synchronous', async () => {
    const server = await rawServer({ wire: { message: (session, message) => session.reply(json(String(message))) } });
    const client = await server.client();
    client.send('now');
    expect(await client.nextJson()).toBe('now');
  });

  it('of one session do not wait for those of another', async () => {
    const slow = gate();
    const server = await rawServer({
      wire: {
        message: (session, message) =>
          session.data.name === 'slow' ? slow.handle(session, message) : session.reply(json(String(message))),
      },
    });
    const stuck = await server.client('name=slow');
    const free = await server.client();
    stuck.send('stuck');
    await eventually(() => slow.atWork === 1);
    free.send('free');
    expect(await free.nextJson()).toBe('free');
    await slow.release();
  });

  it('wait until the wire has opened the session', async () => {
    const order: string[] = [];
    let opened = () => {};
    const server = await rawServer({
      wire: {
        open: () => {
          order.push('opening');
          return new Promise<void>((resolve) => {
            opened = resolve;
          }).then(() => void order.push('open'));
        },
        message: (session, message) => {
          order.push(String(message));
          session.reply(json('done'));
        },
      },
    });
    const client = await server.client();
    client.send('early');
    await eventually(() => server.mount.stats().received === 1);
    expect(order).toEqual(['opening']);
    opened();
    expect(await client.nextJson()).toBe('done');
    expect(order).toEqual(['opening', 'open', 'early']);
  });

  it('stop being read while too many wait, and none is lost when reading resumes', async () => {
    const held = gate();
    const sent = 2000;
    const server = await rawServer({ maxMessages: 0, maxPendingMessages: 4, wire: { message: held.handle } });
    const client = await server.client();
    // Large enough that the kernel and the stream cannot hold them all for the server.
    const padding = 'x'.repeat(16_000);
    for (let number = 0; number < sent; number++) client.send(`${number} ${padding}`);
    await eventually(() => held.atWork === 1);
    await turns(200);
    const { received } = server.mount.stats();
    expect(received).toBeGreaterThanOrEqual(5);
    expect(received).toBeLessThan(sent / 2);
    await turns(50);
    expect(server.mount.stats().received).toBe(received);

    for (let number = 0; number < sent; number++) await held.release();
    expect(held.seen.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect(server.mount.stats().received).toBe(sent);
  });

  it('that still wait when the session ends are forgotten, and the one at work ends in peace', async () => {
    const held = gate();
    const server = await rawServer({ wire: { message: held.handle } });
    const client = await server.client();
    for (const text of ['a', 'b', 'c']) client.send(text);
    await eventually(() => server.mount.stats().received === 3);
    client.socket.terminate();
    await eventually(() => server.closes.length === 1);
    await held.release();
    expect(held.seen).toEqual(['a']);
    expect(server.mount.stats().failures).toBe(0);
  });

  it('that waited when the session was closed reach no handler', async () => {
    const held = gate();
    const server = await rawServer({ wire: { message: held.handle } });
    const client = await server.client();
    for (const text of ['a', 'b', 'c']) client.send(text);
    await eventually(() => server.mount.stats().received === 3);
    server.session().close({ code: 4000, reason: 'enough' });
    await held.release();
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'enough' });
    expect(held.seen).toEqual(['a']);
  });

  it('that are not read any more do not keep a close from being answered', async () => {
    const held = gate();
    const server = await rawServer({
      engine: { clock: new ManualClock() },
      maxPendingMessages: 2,
      wire: { message: held.handle },
    });
    const client = await server.client();
    for (const text of ['a', 'b', 'c', 'd']) client.send(text);
    await eventually(() => server.mount.stats().received >= 3);
    server.session().close({ code: 4000, reason: 'enough' });
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'enough' });
    await eventually(() => server.closes.length === 1);
    await held.release();
    expect(held.seen).toEqual(['a']);
  });

  it('that come while the session is being closed reach no handler', async () => {
    const seen: string[] = [];
    const server = await rawServer({
      wire: {
        message: (session, message) => {
          seen.push(String(message));
          session.close({ code: 4000, reason: 'enough' });
        },
      },
    });
    const client = await server.client();
    for (const text of ['a', 'b', 'c']) client.send(text);
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'enough' });
    expect(seen).toEqual(['a']);
  });
});
