import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { binaryFrame } from '../src/index.js';
import { ask, json, rawServer } from './support/raw-wire.js';

const event = (data: unknown) => ({ t: 'event', data });

describe('an event', () => {
  it('reaches the members of its rooms and nobody else', async () => {
    const server = await rawServer();
    const inHall = await server.member('hall');
    const inYard = await server.member('yard');
    const nowhere = await server.client();
    server.mount.publish('news', { rooms: ['hall'], data: 1 });
    expect(await inHall.nextJson()).toEqual(event(1));
    for (const client of [inYard, nowhere]) {
      expect(await ask(client, { t: 'echo', data: 'next' })).toEqual({ t: 'echo', data: 'next' });
    }
  });

  it('reaches each session once, however many of its rooms it is in', async () => {
    const server = await rawServer();
    const client = await server.member('a', 'b', 'c');
    const other = await server.member('c');
    const encode = () => json(event('once'));
    expect(server.mount.deliver({ rooms: ['a', 'b', 'c', 'a', 'nowhere'] }, { encode })).toBe(2);
    for (const member of [client, other]) {
      expect(await member.nextJson()).toEqual(event('once'));
      expect(await ask(member, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    }
    const sessions = [...server.mount.sessions];
    expect(server.mount.deliver({ sessions: [...sessions, ...sessions] }, { encode })).toBe(2);
    expect(await client.nextJson()).toEqual(event('once'));
    expect(await ask(client, { t: 'echo', data: 2 })).toEqual({ t: 'echo', data: 2 });
  });

  it('reaches the same sessions again the next time', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    for (let number = 0; number < 5; number++) server.mount.publish('news', { rooms: ['hall'], data: number });
    for (let number = 0; number < 5; number++) expect(await client.nextJson()).toEqual(event(number));
  });

  it('is encoded once per dialect, and not at all where nobody is to get it', async () => {
    const server = await rawServer();
    const plain = [await server.member('hall'), await server.member('hall'), await server.member('hall')];
    const loud = [];
    for (let number = 0; number < 3; number++) {
      const client = await server.client('dialect=loud');
      await ask(client, { t: 'join', room: 'hall' });
      loud.push(client);
    }
    server.mount.publish('news', { rooms: ['empty'], data: 0 });
    expect(server.encoded).toEqual([]);
    // Plain and loud sessions take turns, so that none finds its own dialect encoded last.
    const sessions = [0, 3, 1, 4, 2, 5].map((index) => [...server.mount.sessions][index]);
    await ask(plain[0] as never, { t: 'leave', room: 'hall' });
    await ask(plain[0] as never, { t: 'join', room: 'hall' });
    expect(sessions).toHaveLength(6);
    server.mount.publish('news', { rooms: ['hall'], data: 1 });
    expect([...server.encoded].sort()).toEqual(['', 'loud']);
    for (const client of plain) expect(await client.nextJson()).toEqual(event(1));
    for (const client of loud) expect(await client.nextJson()).toEqual({ ...event(1), dialect: 'loud' });
  });

  it('reaches everybody but the one it is not for', async () => {
    const server = await rawServer();
    const sender = await server.client('name=sender');
    const other = await server.client('name=other');
    for (const client of [sender, other]) await ask(client, { t: 'join', room: 'hall' });
    const reached = server.mount.deliver(
      { rooms: ['hall'], except: server.session('sender') },
      { encode: () => json(event('others')) },
    );
    expect(reached).toBe(1);
    expect(await other.nextJson()).toEqual(event('others'));
    expect(await ask(sender, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
  });

  it('may be binary', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    server.mount.deliver({ rooms: ['hall'] }, { encode: () => binaryFrame('head', Buffer.from([0, 255])) });
    expect(await client.next()).toEqual(Buffer.from('head\x00\xff', 'latin1'));
  });

  it('is counted for each session it is queued for', async () => {
    const server = await rawServer();
    await server.member('hall');
    await server.member('hall');
    for (let number = 0; number < 3; number++) server.mount.publish('news', { rooms: ['hall'], data: number });
    expect(server.mount.stats()).toMatchObject({ published: 3, delivered: 6, rooms: 1, sessions: 2 });
  });

  it('is not queued for a session that is closing', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    server.session().close({ code: 4000, reason: 'bye' });
    expect(server.mount.deliver({ rooms: ['hall'] }, { encode: () => json(event('late')) })).toBe(0);
    expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'bye' });
    expect(client.received).toEqual([]);
  });
});

describe('what a session is sent', () => {
  it('arrives in the order in which it was sent, replies and events alike', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    const session = server.session();
    const sent: unknown[] = [];
    for (let number = 0; number < 300; number++) {
      sent.push(number);
      if (number % 3 === 0) session.reply(json(number));
      else if (number % 3 === 1) session.send(json(number));
      else server.mount.deliver({ rooms: ['hall'] }, { encode: () => json(number) });
      if (number % 50 === 0) await turns(1);
    }
    for (const number of sent) expect(await client.nextJson()).toBe(number);
  });

  it('arrives in order though it is of all sizes', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    const sizes = [10, 200_000, 3, 65_536, 65_535, 1, 70_000, 126, 125, 64_000, 64_000];
    sizes.forEach((size, index) => {
      server.mount.publish('news', { rooms: ['hall'], data: `${index}:${'x'.repeat(size)}` });
    });
    for (const [index, size] of sizes.entries()) {
      const { data } = await client.nextJson<{ data: string }>();
      expect([index, data.length - `${index}:`.length]).toEqual([Number.parseInt(data, 10), size]);
    }
  });

  it('before its close arrives before the close', async () => {
    const server = await rawServer();
    const client = await server.member('hall');
    for (let number = 0; number < 100; number++) server.mount.publish('news', { rooms: ['hall'], data: number });
    server.session().close({ code: 4001, reason: 'that was all' });
    server.mount.publish('news', { rooms: ['hall'], data: 'too late' });
    for (let number = 0; number < 100; number++) expect(await client.nextJson()).toEqual(event(number));
    expect(await client.waitForClose()).toEqual({ code: 4001, reason: 'that was all' });
    expect(client.received).toEqual([]);
  });
});

describe('a close', () => {
  it('has a reason of any length cut to what a close frame holds, between two characters', async () => {
    const server = await rawServer();
    const client = await server.client();
    server.session().send(json('before'));
    server.session().close({ code: 4002, reason: 'ä'.repeat(100) });
    expect(await client.nextJson()).toBe('before');
    expect(await client.waitForClose()).toEqual({ code: 4002, reason: 'ä'.repeat(61) });
  });

  it.each([0, 999, 1005, 1006, 5000, 4000.5])(
    'with the code %s, which must not be sent, becomes 1011',
    async (code) => {
      const server = await rawServer();
      const client = await server.client();
      server.session().send(json('before'));
      server.session().close({ code, reason: 'wrong' });
      expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
      expect(server.logger.lines).toMatchObject([{ level: 'error', fields: { code } }]);
      expect(server.mount.stats().failures).toBe(1);
    },
  );

  it('happens once: the first one counts', async () => {
    const server = await rawServer();
    const client = await server.client();
    server.session().close({ code: 4003, reason: 'first' });
    server.session().close({ code: 4004, reason: 'second' });
    server.session().dismiss('idle');
    expect(await client.waitForClose()).toEqual({ code: 4003, reason: 'first' });
  });
});
