import { eventually } from '@roomcast/testing';
import { describe, expect, it, vi } from 'vitest';
import { ask, json, rawServer } from './support/raw-wire.js';

/** Throws, rejects, and rejects later: the three ways for a handler to fail. */
const ways: [how: string, fail: () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  ['rejects later', () => new Promise((_resolve, reject) => setImmediate(() => reject(new Error('broken'))))],
];

describe.each(ways)('a handler that %s', (_how, fail) => {
  it('for a message ends its session with 1011 and no other', async () => {
    const server = await rawServer({
      wire: {
        message: (session, message) => (String(message) === 'fail' ? fail() : session.reply(json(String(message)))),
      },
    });
    const unlucky = await server.client();
    const other = await server.client();
    unlucky.send('fail');
    expect(await unlucky.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
    other.send('hello');
    expect(await other.nextJson()).toBe('hello');
    await eventually(() => server.mount.stats().closed[1011] === 1);
    expect(server.mount.stats()).toMatchObject({ failures: 1, sessions: 1 });
    expect(server.logger.lines).toMatchObject([{ level: 'error', fields: { err: { message: 'broken' } } }]);
  });

  it('when the session opens ends it with 1011', async () => {
    const server = await rawServer({ wire: { open: fail } });
    const client = await server.client();
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
    await eventually(() => server.engine.stats().sessions === 0);
  });

  it('when a connection is to be accepted refuses it with 500 and gives its place back', async () => {
    const accept = vi.fn(fail as () => Promise<never>);
    const server = await rawServer({ wire: { accept } });
    await expect(server.client()).rejects.toMatchObject({ status: 500, body: 'Internal Server Error' });
    expect(accept).toHaveBeenCalledOnce();
    expect(server.engine.stats().sessions).toBe(0);
    expect(server.mount.stats()).toMatchObject({ failures: 1, refused: { 500: 1 } });
  });

  it('when a session has ended leaves the rest as it should be', async () => {
    const server = await rawServer({ wire: { close: fail as () => void } });
    const client = await server.member('hall');
    const other = await server.client();
    await client.close();
    await eventually(() => server.mount.stats().failures === 1);
    expect(await ask(other, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    expect(server.mount.stats()).toMatchObject({ sessions: 1, rooms: 0 });
    expect(server.engine.stats().sessions).toBe(1);
  });

  it('when a room was taken away ends the session with 1011', async () => {
    const server = await rawServer({ wire: { removed: fail as () => void } });
    const client = await server.member('hall');
    server.mount.recheck(() => false);
    expect(server.mount.stats().rooms).toBe(0);
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
  });

  it('when an event is received is counted, and the publisher hears nothing of it', async () => {
    const server = await rawServer({ receive: fail as () => void });
    server.mount.publish('news', { rooms: [], data: 1 });
    await eventually(() => server.mount.stats().failures === 1);
    expect(server.mount.stats().published).toBe(1);
  });

  it('when told of a join or a leave changes nothing about it', async () => {
    const broken = fail as () => void;
    const server = await rawServer({ membership: { created: broken, joined: broken, left: broken, deleted: broken } });
    const client = await server.client();
    expect(await ask(client, { t: 'join', room: 'hall' })).toEqual({ t: 'joined', room: 'hall' });
    expect(server.mount.rooms.members('hall')?.size).toBe(1);
    await eventually(() => server.mount.stats().failures === 2);
    client.socket.terminate();
    await eventually(() => server.engine.stats().sessions === 0);
    expect(server.mount.stats()).toMatchObject({ rooms: 0, sessions: 0 });
    await eventually(() => server.mount.stats().failures === 4);
  });
});

describe('a farewell', () => {
  it('that throws does not keep the session, which closes as if there were none', async () => {
    const server = await rawServer({
      wire: {
        farewell: () => {
          throw new Error('broken');
        },
      },
    });
    const client = await server.client('id=ada');
    server.mount.disconnect({ identity: 'ada' });
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'disconnected by the server' });
    expect(server.mount.stats().failures).toBe(1);
  });

  it('that throws when a handler has failed does not end the process', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    const server = await rawServer({ wire: { message: broken, farewell: broken } });
    const client = await server.client();
    client.send('anything');
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
  });
});

describe('the form of a refusal', () => {
  it('is what the wire makes of it', async () => {
    const server = await rawServer({
      wire: { refusal: ({ status }) => ({ status, body: '{"code":"no"}', headers: { 'X-Why': 'because' } }) },
    });
    await expect(server.client('refuse=403')).rejects.toMatchObject({
      status: 403,
      body: '{"code":"no"}',
      headers: { 'x-why': 'because' },
    });
  });

  it('is the plain one where the wire fails to give one', async () => {
    const server = await rawServer({
      wire: {
        refusal: () => {
          throw new Error('broken');
        },
      },
    });
    await expect(server.client('refuse=403')).rejects.toMatchObject({ status: 403, body: 'as asked' });
    expect(server.mount.stats()).toMatchObject({ failures: 1, refused: { 403: 1 } });
    expect(server.engine.stats().sessions).toBe(0);
  });
});
